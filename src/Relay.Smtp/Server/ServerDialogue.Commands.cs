using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Relay.Smtp.Commands;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

public sealed partial class ServerDialogue
{
    private DialogueStep? NextCommand(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        if (!new SequenceReader<byte>(input).TryPeek(out var first))
        {
            return DialogueStep.NeedInput;
        }

        // The star that ends an exchange may cross with our word that it is over, or that it never began.
        var isLateCancel = first == (byte)'*' && _options.OfferAuthentication;
        if (_skipped == 0 && !char.IsAsciiLetter((char)first) && first is not ((byte)'\r' or (byte)'\n') && !isLateCancel)
        {
            CloseAfter(CannedReplies.NotSmtp, output); // a TLS hello or another protocol: nothing of it may be read as a command
            return null;
        }

        var end = LineFinder.Find(input, out var length);
        var longest = _skipped == 0 ? LongestLine(input) : ServerDialogueOptions.LongestLineMax;
        if (_skipped + length > CommandLimits.EndlessLineMax
            || (_skipped == 0 && length > longest && IsChunkCommand(input)))
        {
            CloseAfter(CannedReplies.LineTooLong, output);
            return null;
        }

        switch (end)
        {
            case LineEnd.Bare:
                CloseAfter(CannedReplies.BadLineEnd, output);
                return null;
            case LineEnd.None:
                _isLoginSkipped = _skipped == 0 ? longest == CommandLimits.AuthLineMax : _isLoginSkipped;
                Skip(ref input, length, longest);
                return DialogueStep.NeedInput;
            default:
                var isSkipped = _skipped > 0;
                _skipped = 0;
                var line = input.Slice(0, length);
                input = input.Slice(length + 2);
                if (isSkipped || length > longest)
                {
                    var isLogin = isSkipped ? _isLoginSkipped : longest == CommandLimits.AuthLineMax;
                    Refuse(isLogin ? CannedReplies.LoginLineTooLong : CannedReplies.LineTooLong, output);
                    return null;
                }

                return TakeLine(line, !input.IsEmpty, output);
        }
    }

    private DialogueStep? TakeLine(in ReadOnlySequence<byte> line, bool hasMore, IBufferWriter<byte> output)
    {
        // Only AUTH may be longer than what the stack has room for; the caller refuses other longer lines unread.
        var isLong = line.Length > ServerDialogueOptions.LongestLineMax;
        var copied = line.IsSingleSegment ? 0 : (int)line.Length;
        var joined = isLong ? new byte[copied] : stackalloc byte[copied];
        if (!line.IsSingleSegment)
        {
            line.CopyTo(joined);
        }

        scoped var octets = line.IsSingleSegment ? line.FirstSpan : joined;
        if (octets.SequenceEqual("*"u8))
        {
            Refuse(CannedReplies.NothingToCancel, output);
            return null;
        }

        var buffer = isLong ? new char[octets.Length] : stackalloc char[octets.Length];
        var isText = Utf8.ToUtf16(octets, buffer, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done;
        var command = isText && !octets.Contains((byte)0) ? CommandLine.Parse(buffer[..length]) : default;
        if (octets.Length + 2 > CommandLimits.MaxOf(command.Verb, _options.CommandLineMax))
        {
            RefuseLine(command.Verb == SmtpVerb.Auth ? CannedReplies.LoginLineTooLong : CannedReplies.LineTooLong, line, output);
            return null;
        }

        if (!isText || octets.Contains((byte)0))
        {
            RefuseLine(CannedReplies.BadOctets, line, output);
            return null;
        }

        if (hasMore && MustBeLast(command.Verb))
        {
            CloseAfter(CannedReplies.OutOfSync, output);
            return null;
        }

        return Perform(TransitionFor(command.Verb), command, output);
    }

    private void RefuseLine(SmtpReply reply, in ReadOnlySequence<byte> line, IBufferWriter<byte> output)
    {
        if (IsChunkCommand(line))
        {
            CloseAfter(reply, output);
        }
        else
        {
            Refuse(reply, output);
        }
    }

    /// <summary>True for a line that starts with BDAT: when it cannot be read, its octets would be taken for commands.</summary>
    private static bool IsChunkCommand(in ReadOnlySequence<byte> line) => StartsWith(line, "BDAT"u8);

    /// <summary>The most octets of a line that is kept until it is whole.</summary>
    private int LongestLine(in ReadOnlySequence<byte> line) =>
        _options.OfferAuthentication && StartsWith(line, "AUTH"u8) ? CommandLimits.AuthLineMax : ServerDialogueOptions.LongestLineMax;

    private static bool StartsWith(in ReadOnlySequence<byte> line, ReadOnlySpan<byte> verb)
    {
        Span<byte> start = stackalloc byte[4];
        return new SequenceReader<byte>(line).TryCopyTo(start) && Ascii.EqualsIgnoreCase(start, verb);
    }

    private void Skip(ref ReadOnlySequence<byte> input, long length, int longest)
    {
        if (length > longest)
        {
            _skipped += (int)length;
            input = input.Slice(length);
        }
    }

    /// <summary>
    /// True for a command whose reply the client has to see before it goes on (RFC 2920 section 3.1, RFC 3207 section 4).
    /// </summary>
    private bool MustBeLast(SmtpVerb verb) => verb switch
    {
        SmtpVerb.Data => true, // else the body would be read as commands when DATA is refused
        SmtpVerb.Ehlo or SmtpVerb.Helo => HeloName is null, // it cannot know of PIPELINING yet
        SmtpVerb.StartTls => CanStartTls, // plaintext must not reach into the encrypted conversation
        SmtpVerb.Auth => CanAuthenticate, // what follows are responses, or commands, by what the reply says (RFC 4954 section 4)
        _ => false,
    };

    private DialogueStep? Perform(Transition transition, CommandLine command, IBufferWriter<byte> output)
    {
        switch (transition.Action)
        {
            case DialogueAction.Refuse:
                Refuse(transition.Reply!, output);
                return null;
            case DialogueAction.RefuseAndClose:
                CloseAfter(transition.Reply!, output);
                return null;
            case DialogueAction.RefuseChunk:
            case DialogueAction.TakeChunk:
                return StartChunk(command.Argument, transition.Reply, output);
            case DialogueAction.OpenMail:
                return OpenMail(command.Argument, output);
            case DialogueAction.AddRecipient:
                return AddRecipient(command.Argument, output);
            case DialogueAction.StartData:
                return HasNoArgument(command, output) ? Ask(Decision.Body, DialogueStep.DecideBody) : null;
            case DialogueAction.Quit:
                if (HasNoArgument(command, output))
                {
                    CloseAfter(CannedReplies.Bye, output);
                }

                return null;
            default:
                return IsTooMuchJunk(output) ? null : PerformJunk(transition.Action, command, output);
        }
    }

    // The commands that carry no mail.
    private DialogueStep? PerformJunk(DialogueAction action, CommandLine command, IBufferWriter<byte> output)
    {
        switch (action)
        {
            case DialogueAction.Greet:
                Greet(command, output);
                break;
            case DialogueAction.Reset:
                if (HasNoArgument(command, output))
                {
                    AbandonTransaction();
                    ReplyWriter.Write(CannedReplies.Ok, output);
                }

                break;
            case DialogueAction.Verify when command.Argument.IsEmpty:
                Refuse(CannedReplies.BadArgument, output);
                break;
            case DialogueAction.Verify:
                ReplyWriter.Write(CannedReplies.CannotVerify, output);
                break;
            case DialogueAction.Help:
                ReplyWriter.Write(CannedReplies.Help, output);
                break;
            case DialogueAction.StartTls:
                return StartTls(command, output);
            case DialogueAction.Authenticate:
                return Authenticate(command.Argument, output);
            default:
                ReplyWriter.Write(CannedReplies.Ok, output);
                break;
        }

        return null;
    }

    private void Greet(CommandLine command, IBufferWriter<byte> output)
    {
        if (!Commands.HeloName.IsValid(command.Argument))
        {
            Refuse(CannedReplies.BadArgument, output);
            return;
        }

        AbandonTransaction();
        _state = ConversationState.Greeted;
        HeloName = command.Argument.ToString();
        IsExtended = command.Verb == SmtpVerb.Ehlo;
        ReplyWriter.Write(
            IsExtended
                ? EhloReply.Build(_options.HostName, Limits.SizeMax, CanStartTls, CanAuthenticate, Tls?.ClientIdentity is not null)
                : new SmtpReply(250, EnhancedStatus.None, _options.HostName),
            output);
    }

    private DialogueStep? OpenMail(ReadOnlySpan<char> argument, IBufferWriter<byte> output)
    {
        if (_options.RequireAuthentication && User is null)
        {
            Refuse(IsTls ? CannedReplies.LoginRequired : CannedReplies.TlsAndLoginRequired, output);
            return null;
        }

        var refusal = MailCommand.Parse(argument, IsAuthOffered, out var sender, out var parameters)
            ?? (parameters!.DeclaredSize > Limits.SizeMax ? CannedReplies.TooLarge : null);
        if (refusal is not null)
        {
            Refuse(refusal, output);
            return null;
        }

        Sender = sender;
        Parameters = parameters;
        return Ask(Decision.Mail, DialogueStep.DecideMail);
    }

    private DialogueStep? AddRecipient(ReadOnlySpan<char> argument, IBufferWriter<byte> output)
    {
        if (RcptCommand.Parse(argument, Parameters!.SmtpUtf8, out var recipient) is { } refusal)
        {
            Refuse(refusal, output, RefusalPlace.Recipient);
            return null;
        }

        Candidate = recipient;
        if (_recipients?.Count >= Limits.RecipientsMax)
        {
            DeferRecipient(CannedReplies.TooManyRecipients, output);
            Candidate = null;
            return null;
        }

        return Ask(Decision.Recipient, DialogueStep.DecideRecipient);
    }

    private bool HasNoArgument(CommandLine command, IBufferWriter<byte> output)
    {
        if (command.Argument.IsEmpty)
        {
            return true;
        }

        Refuse(CannedReplies.BadArgument, output);
        return false;
    }
}

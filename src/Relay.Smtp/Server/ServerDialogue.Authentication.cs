using System.Buffers;
using System.Text;
using Relay.Smtp.Authentication;
using Relay.Smtp.Commands;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

// AUTH (RFC 4954): the exchange is taken apart here, who the users are is the owner's to know.
public sealed partial class ServerDialogue
{
    private SaslExchange? _exchange;
    private int _failedLogins;
    private bool _isLoginSkipped;

    /// <summary>The user that the client proved to be; null before, and after a TLS handshake. EHLO and RSET do not change it.</summary>
    public string? User { get; private set; }

    /// <summary>
    /// What the client claims at <see cref="DialogueStep.FindVerifier"/> and <see cref="DialogueStep.DecideAuthentication"/>.
    /// </summary>
    public AuthenticationClaim? Claim { get; private set; }

    private bool IsAuthOffered => _options.OfferAuthentication && IsTls;

    private bool CanAuthenticate => IsAuthOffered && User is null;

    /// <summary>Answers <see cref="DialogueStep.FindVerifier"/>: the exchange goes on.</summary>
    /// <param name="verifier">The user's, or one that nobody's password fits: the client must not see the difference.</param>
    /// <param name="nonce">Random printable ASCII without comma, of 18 octets or more; never used twice.</param>
    /// <param name="output">Takes the challenge.</param>
    public void GiveVerifier(ScramVerifier verifier, string nonce, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        ArgumentException.ThrowIfNullOrEmpty(nonce);
        Answer(Decision.Verifier);
        Challenge(((ScramExchange)_exchange!).ServerFirst(verifier, nonce), output);
    }

    /// <summary>Answers <see cref="DialogueStep.DecideAuthentication"/> with 235: the client is this user from here on.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="output">Takes the reply.</param>
    public void AcceptAuthentication(string user, IBufferWriter<byte> output)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        Answer(Decision.Authentication);
        EndExchange();
        User = user;
        ReplyWriter.Write(CannedReplies.Authenticated, output);
    }

    /// <summary>
    /// Answers <see cref="DialogueStep.FindVerifier"/> or <see cref="DialogueStep.DecideAuthentication"/> with a refusal; the client may try
    /// again, but for <see cref="ServerDialogueOptions.FailedLoginsMax"/> 5xx in all.
    /// </summary>
    /// <param name="reply">4xx or 5xx; 421 also ends the connection.</param>
    /// <param name="output">Takes the reply.</param>
    public void RefuseAuthentication(SmtpReply reply, IBufferWriter<byte> output)
    {
        RequireRefusal(reply);
        Answer(_pending == Decision.Verifier ? Decision.Verifier : Decision.Authentication);
        RefuseLogin(reply, output);
    }

    private DialogueStep? Authenticate(ReadOnlySpan<char> argument, IBufferWriter<byte> output)
    {
        var space = argument.IndexOf(' ');
        var name = space < 0 ? argument : argument[..space];
        var refusal = ReasonNotToAuthenticate() ?? (name.IsEmpty ? CannedReplies.BadArgument : null);
        if (refusal is null)
        {
            _exchange = SaslMechanisms.Begin(name, Tls!.ClientIdentity);
            refusal = _exchange is null ? CannedReplies.UnknownMechanism : null;
        }

        if (refusal is not null)
        {
            Refuse(refusal, output);
            return null;
        }

        if (space < 0)
        {
            Challenge(_exchange!.FirstChallenge, output);
            return null;
        }

        // "=" is a response of no octets: nothing at all says that there is none yet (RFC 4954 section 4).
        var initial = argument[(space + 1)..];
        return TakeResponse(initial is "=" ? default : Encoding.UTF8.GetBytes(initial.ToString()), output);
    }

    private SmtpReply? ReasonNotToAuthenticate() =>
        !_options.OfferAuthentication ? CannedReplies.NotImplemented
        : _state == ConversationState.Connected || !IsExtended ? CannedReplies.HelloFirst
        : _state > ConversationState.Greeted ? CannedReplies.LoginDuringMail
        : User is not null ? CannedReplies.LoggedInAlready
        : IsTls ? null
        : CannedReplies.TlsBeforeLogin;

    private DialogueStep? ReadResponse(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        var end = LineFinder.Find(input, out var length);
        if (_skipped + length > CommandLimits.EndlessLineMax)
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
                Skip(ref input, length, CommandLimits.AuthLineMax);
                return DialogueStep.NeedInput;
            default:
                var isSkipped = _skipped > 0;
                _skipped = 0;
                var line = input.Slice(0, length);
                input = input.Slice(length + 2);
                if (isSkipped || length + 2 > CommandLimits.AuthLineMax)
                {
                    EndExchange();
                    Refuse(CannedReplies.LoginLineTooLong, output);
                    return null;
                }

                if (!input.IsEmpty)
                {
                    CloseAfter(CannedReplies.OutOfSync, output);
                    return null;
                }

                return TakeResponse(line.ToArray(), output);
        }
    }

    private DialogueStep? TakeResponse(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (text.SequenceEqual("*"u8))
        {
            EndExchange();
            Refuse(CannedReplies.LoginCancelled, output);
            return null;
        }

        var exchange = _exchange!;
        var step = StrictBase64.TryDecode(text, out var response) ? exchange.Take(response) : SaslStep.Malformed;
        switch (step.Outcome)
        {
            case SaslOutcome.Challenge:
                Challenge(step.Challenge!, output);
                return null;
            case SaslOutcome.FindVerifier:
                Claim = new AuthenticationClaim(exchange.Mechanism, exchange.User);
                return Ask(Decision.Verifier, DialogueStep.FindVerifier);
            case SaslOutcome.Decide:
                Claim = new AuthenticationClaim(exchange.Mechanism, exchange.User)
                {
                    Password = exchange.Password,
                    Verifier = exchange.Verifier,
                    IsProven = exchange.IsProven,
                };
                return Ask(Decision.Authentication, DialogueStep.DecideAuthentication);
            case SaslOutcome.Refused:
                RefuseLogin(CannedReplies.LoginFailed, output);
                return null;
            default:
                EndExchange();
                Refuse(CannedReplies.BadLoginResponse, output);
                return null;
        }
    }

    private void RefuseLogin(SmtpReply reply, IBufferWriter<byte> output)
    {
        if (reply.IsPermanent && ++_failedLogins >= _options.FailedLoginsMax)
        {
            CloseAfter(CannedReplies.TooManyFailedLogins, output);
        }
        else
        {
            Refuse(reply, output);
        }

        EndExchange();
    }

    // A challenge may be longer than a line of text, so that it is no SmtpReply.
    private void Challenge(ReadOnlySpan<byte> challenge, IBufferWriter<byte> output)
    {
        _mode = Mode.Response;
        output.Write("334 "u8);
        output.Write(StrictBase64.Encode(challenge));
        output.Write("\r\n"u8);
    }

    private void EndExchange()
    {
        _exchange = null;
        Claim = null;
        _mode = Mode.Command;
    }
}

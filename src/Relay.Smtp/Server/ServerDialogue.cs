using System.Buffers;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>
/// The server side of one SMTP connection as a pure state machine: octets in, replies and steps out. No socket, clock or task.
/// </summary>
/// <remarks>
/// The owner calls <see cref="Advance"/> until it says NeedInput or Close, answers each Decide step before the next call, and appends Body
/// at BodyBytes. Not thread-safe. It holds no buffers: between calls everything unconsumed stays in the owner's.
/// </remarks>
public sealed partial class ServerDialogue
{
    /// <summary>Recipients refused with 4xx in one transaction before further ones count as errors.</summary>
    public const int DeferredRecipientsMax = 1000;

    private const int CommandsOfMail = 4;

    private readonly ServerDialogueOptions _options;
    private ConversationState _state;
    private Mode _mode;
    private Decision _pending;
    private BodyScanner _scanner;
    private HeaderScanner _headers;
    private BodyFault _fault;
    private List<EnvelopeRecipient>? _recipients;
    private long _chunkLeft;
    private long _chunkSize;
    private int _skipped;
    private int _junkCount;
    private int _deferredRecipients;
    private bool _isLastChunk;
    private bool _bodyBegun;
    private bool _isMailDeferred;
    private bool _abandoned;
    private bool _closing;
    private bool _greeted;

    /// <summary>Makes the dialogue of a new connection.</summary>
    /// <param name="options">Shared by all connections of a listener.</param>
    /// <param name="limits">See <see cref="Limits"/>.</param>
    public ServerDialogue(ServerDialogueOptions options, MessageLimits limits)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Limits = limits;
    }

    /// <summary>Hears of every refusal, while the transaction that it ends is still there; null: nobody does.</summary>
    public IRefusalObserver? Observer { get; set; }

    /// <summary>What comes next from the client are octets of a message, and no command.</summary>
    public bool IsInBody => _mode is not (Mode.Command or Mode.Response);

    /// <summary>True from the first octet of a body to its last, between its chunks too.</summary>
    public bool IsInContent => IsInBody || _state == ConversationState.Chunking;

    private enum Mode : byte
    {
        Command,
        Data,
        Chunk,
        DroppedChunk,
        Response,
    }

    private enum Decision : byte
    {
        None,
        Mail,
        Recipient,
        Body,
        Message,
        Tls,
        Handshake,
        Verifier,
        Authentication,
    }

    /// <summary>The limits in force, also for EHLO's SIZE. Set it between transactions, or at the latest at DecideMail.</summary>
    public MessageLimits Limits { get; set; }

    /// <summary>
    /// The name of the last EHLO or HELO as sent: printable ASCII without blanks, brackets of comments or quotes; null before one.
    /// </summary>
    public string? HeloName { get; private set; }

    /// <summary>True when the last greeting was EHLO.</summary>
    public bool IsExtended { get; private set; }

    /// <summary>True when no transaction is open, so that a drain may say 421 without losing anything.</summary>
    public bool IsBetweenTransactions =>
        _state <= ConversationState.Greeted && _mode is Mode.Command or Mode.DroppedChunk or Mode.Response && _pending == Decision.None;

    /// <summary>The reverse-path of the transaction; null outside one.</summary>
    public MailPath? Sender { get; private set; }

    /// <summary>The parameters of MAIL; null outside a transaction.</summary>
    public MailParameters? Parameters { get; private set; }

    /// <summary>The accepted recipients in order; the list of a transaction is never changed after it.</summary>
    public IReadOnlyList<EnvelopeRecipient> Recipients => _recipients is null ? [] : _recipients;

    /// <summary>
    /// The recipient to decide on at <see cref="DialogueStep.DecideRecipient"/>; also while the refusal of one is told, null then when it
    /// was no address.
    /// </summary>
    public EnvelopeRecipient? Candidate { get; private set; }

    /// <summary>
    /// Content octets at <see cref="DialogueStep.BodyBytes"/>: un-stuffed, a slice of the input, valid until the next call.
    /// </summary>
    public ReadOnlySequence<byte> Body { get; private set; }

    /// <summary>Content octets of this message so far, CRLFs included (RFC 1870 section 3).</summary>
    public long BodyLength { get; private set; }

    /// <summary>True when the content so far has octets over 127: the next hop needs 8BITMIME for it.</summary>
    public bool BodyHas8Bit { get; private set; }

    /// <summary>True when the header so far has octets over 127: such a message needs SMTPUTF8 (RFC 6532).</summary>
    public bool HeaderHas8Bit { get; private set; }

    /// <summary>Commands and messages refused with 5xx since the last accepted message.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>Mails that were refused for now (4xx), at MAIL or behind their content, since the last accepted message.</summary>
    public int DeferralCount { get; private set; }

    /// <summary>Writes the 220 greeting.</summary>
    /// <param name="output">Takes the reply.</param>
    public void WriteGreeting(IBufferWriter<byte> output)
    {
        _greeted = true;
        ReplyWriter.Write(new SmtpReply(220, EnhancedStatus.None, $"{_options.HostName} ESMTP"), output);
    }

    /// <summary>Handles commands until the owner is needed, or one slice of a body.</summary>
    /// <param name="input">What has been received and not been consumed; sliced to what is left.</param>
    /// <param name="output">Takes the replies, whole and in order.</param>
    /// <returns>What to do next.</returns>
    /// <exception cref="InvalidOperationException">The last Decide step, or StartTls, has not been answered.</exception>
    public DialogueStep Advance(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Expect(Decision.None);
        Body = default;
        while (true)
        {
            if (_abandoned)
            {
                _abandoned = false;
                return DialogueStep.BodyAbandoned;
            }

            if (_closing)
            {
                input = input.Slice(input.End);
                return DialogueStep.Close;
            }

            var step = _mode switch
            {
                Mode.Command => NextCommand(ref input, output),
                Mode.Data => ReadData(ref input, output),
                Mode.Chunk => ReadChunk(ref input, output),
                Mode.Response => ReadResponse(ref input, output),
                _ => DropChunk(ref input),
            };
            if (step is { } result)
            {
                return result;
            }
        }
    }

    /// <summary>The transaction as a value, to be taken at DecideMessage.</summary>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    public Envelope ToEnvelope() =>
        Sender is { } sender && Parameters is { } parameters
            ? new Envelope(sender, parameters, Recipients)
            : throw new InvalidOperationException("No transaction is open");

    private DialogueStep Ask(Decision decision, DialogueStep step)
    {
        _pending = decision;
        return step;
    }

    private void Answer(Decision decision)
    {
        Expect(decision);
        _pending = Decision.None;
    }

    private void Expect(Decision decision)
    {
        if (_pending != decision)
        {
            throw new InvalidOperationException($"The dialogue waits for the answer to {_pending}, not {decision}");
        }
    }

    /// <summary>Writes a refusal and counts it; too many of them end the connection.</summary>
    private void Refuse(SmtpReply reply, IBufferWriter<byte> output, RefusalPlace place = RefusalPlace.Command)
    {
        if (_isMailDeferred && reply == CannedReplies.MailFirst)
        {
            // It was sent along with a MAIL that is to come again (RFC 2920): no error of the client, but it may not go on for ever either.
            if (!IsTooMuchJunk(output))
            {
                ReplyWriter.Write(reply, output);
            }
        }
        else if (reply.IsPermanent && ++ErrorCount > _options.ErrorsMax)
        {
            CloseAfter(CannedReplies.TooManyErrors, output, place);
        }
        else if (reply.Code == CannedReplies.TooManyErrors.Code)
        {
            CloseAfter(reply, output, place); // 421 always means that the channel closes (RFC 5321 section 4.2.3)
        }
        else
        {
            ReplyWriter.Write(reply, output);
            Observer?.Refused(place, reply);
        }
    }

    /// <summary>True when this was one command without mail too many; then the connection ends.</summary>
    private bool IsTooMuchJunk(IBufferWriter<byte> output)
    {
        if (++_junkCount <= _options.JunkCommandsMax)
        {
            return false;
        }

        // A mail that comes again because it was told so brings its RSET, RCPT and DATA along.
        CloseAfter(DeferralCount * CommandsOfMail >= _junkCount ? CannedReplies.TooManyDeferrals : CannedReplies.TooMuchJunk, output);
        return true;
    }

    private void CloseAfter(SmtpReply reply, IBufferWriter<byte> output, RefusalPlace place = RefusalPlace.Command)
    {
        ReplyWriter.Write(reply, output);
        if (!reply.IsPositive)
        {
            Observer?.Refused(place, reply);
        }

        AbandonTransaction();
        _closing = true;
    }

    /// <summary>Ends the transaction; the owner hears of it when it has got octets of the body.</summary>
    private void AbandonTransaction()
    {
        _abandoned |= _bodyBegun && _fault == BodyFault.None;
        EndTransaction();
    }

    private void EndTransaction()
    {
        Sender = null;
        Parameters = null;
        Candidate = null;
        _recipients = null;
        _deferredRecipients = 0;
        _bodyBegun = false;
        _fault = BodyFault.None;
        BodyLength = 0;
        BodyHas8Bit = false;
        HeaderHas8Bit = false;
        _mode = Mode.Command;
        if (_state > ConversationState.Greeted)
        {
            _state = ConversationState.Greeted;
        }
    }
}

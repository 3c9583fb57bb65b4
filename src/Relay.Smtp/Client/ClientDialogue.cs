using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>The client's half of one SMTP connection as a pure state machine (RFC 5321): bytes in, bytes and outcomes out.</summary>
/// <remarks>
/// Greeting → EHLO, else HELO → (STARTTLS, EHLO) → (AUTH) → Ready → (RSET) MAIL, RCPT…, DATA → body → final dot → Ready → … → QUIT. No socket, clock or task, and not
/// thread-safe. All input given is taken. The owner gives what has arrived to <see cref="Advance"/> before it begins a transaction and before
/// it ends a body: a reply that is there before its command is no answer to it, and so no peer can acknowledge a message it has not been sent.
/// </remarks>
public sealed partial class ClientDialogue
{
    private static readonly SearchValues<char> HostNameCharacters =
        SearchValues.Create("-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz");

    private const int TlsNeeded = 530; // RFC 3207 section 4

    private readonly string _hostName;
    private readonly ReplyParser _parser;
    private readonly EnvelopeExchange _exchange;
    private ClientPhase _phase = ClientPhase.Greeting;
    private DotStuffer _stuffer;
    private long _size;
    private long _sizeWritten;
    private bool _isDoneDue;

    /// <summary>Makes the dialogue of a connection that has just been made.</summary>
    /// <param name="options">Shared by all connections.</param>
    /// <param name="demands">Of this connection; <see cref="ClientDemands.Default"/> when null.</param>
    /// <exception cref="ArgumentException">The host name cannot stand in EHLO, or a limit is not positive.</exception>
    public ClientDialogue(ClientDialogueOptions options, ClientDemands? demands = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.HostName) || options.HostName.AsSpan().ContainsAnyExcept(HostNameCharacters))
        {
            throw new ArgumentException($"Not a host name for EHLO: '{options.HostName}'.", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PipelinedRecipientsMax);
        _hostName = options.HostName;
        _parser = new ReplyParser(options.ToReplyLimits());
        _demands = demands ?? ClientDemands.Default;
        IsWithoutWantedTls = _demands.IsTlsFallback;
        _auth = _demands.Credentials is { } credentials ? new AuthExchange(credentials) : null;
        _exchange = new EnvelopeExchange(options.PipelinedRecipientsMax, _demands.IsLmtp, _demands.WithoutChunks);
    }

    /// <summary>What the peer offered; <see cref="ServerCapabilities.None"/> before EHLO is answered.</summary>
    public ServerCapabilities Capabilities { get; private set; } = ServerCapabilities.None;

    /// <summary>What is awaited now, and so which time limit holds; Mail between transactions.</summary>
    public ClientStage Stage => _phase switch
    {
        ClientPhase.Greeting => ClientStage.Greeting,
        ClientPhase.Ehlo or ClientPhase.Helo => ClientStage.Helo,
        ClientPhase.StartTls or ClientPhase.Handshake => ClientStage.Tls,
        ClientPhase.Auth => ClientStage.Auth,
        ClientPhase.Recipients => ClientStage.Rcpt,
        ClientPhase.Data => ClientStage.Data,
        ClientPhase.Body => ClientStage.Body,
        ClientPhase.LoneDot or ClientPhase.EndOfData => ClientStage.EndOfData,
        ClientPhase.Quit or ClientPhase.Closed => ClientStage.Quit,
        ClientPhase.Failed => Failure!.Value.Stage,
        _ => ClientStage.Mail,
    };

    /// <summary>One outcome for each recipient of the last transaction, in its order; empty before it is done.</summary>
    public IReadOnlyList<RecipientOutcome> Outcomes { get; private set; } = [];

    /// <summary>
    /// Takes the next recipient, by its place in the transaction, that the peer has taken while it owes replies for others (RFC 2033 section 4.2).
    /// Whoever asks after each <see cref="Advance"/> knows it before the end, which may be minutes away.
    /// </summary>
    /// <returns>False when there is none.</returns>
    public bool TryTakeDelivered(out int recipient, [NotNullWhen(true)] out RecipientOutcome? outcome) =>
        _exchange.TryTakeDelivered(out recipient, out outcome);

    /// <summary>Why the connection cannot be used any more, or null.</summary>
    public ClientFailure? Failure { get; private set; }

    /// <summary>The peer offers CHUNKING and has not understood BDAT: over another connection, the content is to go behind DATA.</summary>
    public bool IsChunkNotUnderstood { get; private set; }

    /// <summary>Complete replies so far: a time limit is for one reply as a whole, however it comes in.</summary>
    public int RepliesHeard { get; private set; }

    /// <summary>False once the connection has failed, is being closed or is closed.</summary>
    public bool IsUsable => _phase is not (ClientPhase.Failed or ClientPhase.Quit or ClientPhase.Closed);

    /// <summary>Takes what has arrived and says what to do next. <see cref="ClientStep.TransactionDone"/> is said once.</summary>
    /// <param name="input">What has arrived and was not taken yet, or nothing; all of it is taken.</param>
    /// <param name="output">Takes commands; flush it before waiting.</param>
    public ClientStep Advance(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        while (!input.IsEmpty && _phase is not (ClientPhase.Failed or ClientPhase.Closed))
        {
            if (_phase == ClientPhase.Handshake)
            {
                Close(new ClientFailure(Stage, ClientReplies.Injected));
                break;
            }

            var parsed = _parser.Advance(ref input);
            if (parsed == ReplyParse.Complete)
            {
                RepliesHeard++;
                OnReply(output);
            }
            else if (parsed == ReplyParse.Malformed)
            {
                OnMalformed();
            }
        }

        input = input.Slice(input.End);
        if (_isDoneDue)
        {
            _isDoneDue = false;
            return ClientStep.TransactionDone;
        }

        return _phase switch
        {
            ClientPhase.Handshake => ClientStep.StartTls,
            ClientPhase.Ready => ClientStep.Ready,
            ClientPhase.Body => ClientStep.SendBody,
            ClientPhase.Failed => ClientStep.Failed,
            ClientPhase.Closed => ClientStep.Closed,
            _ => ClientStep.NeedInput,
        };
    }

    /// <summary>Starts a transaction; with PIPELINING all its commands up to DATA leave in one write.</summary>
    /// <param name="transaction">What to send to whom.</param>
    /// <param name="output">Takes the commands; nothing when all recipients were decided without asking the peer.</param>
    /// <exception cref="InvalidOperationException">The connection is not ready.</exception>
    /// <exception cref="ArgumentException">There is no recipient.</exception>
    public void Begin(ClientTransaction transaction, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfZero(transaction.Envelope.Recipients.Count);
        Require(ClientPhase.Ready);
        Outcomes = [];
        _isDoneDue = false;
        _size = transaction.Size;
        _sizeWritten = 0;
        if (!_exchange.Start(transaction, Capabilities))
        {
            Finish();
        }
        else if (_parser.IsPartial)
        {
            FailOutOfStep();
        }
        else if (!_exchange.NeedsReset)
        {
            _exchange.WriteMail(output);
            _phase = ClientPhase.Mail;
        }
        else
        {
            output.Write("RSET\r\n"u8);
            _phase = ClientPhase.Reset;
            if (Capabilities.HasPipelining)
            {
                _exchange.WriteMail(output);
            }
        }
    }

    /// <summary>Writes the next piece of content: dot-stuffed, or as it is when the peer takes chunks (RFC 3030).</summary>
    /// <param name="content">Any number of octets.</param>
    /// <param name="output">Takes them.</param>
    /// <exception cref="InvalidOperationException">The dialogue did not ask for a body.</exception>
    public void WriteBody(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        Require(ClientPhase.Body);
        _sizeWritten += content.Length;
        if (!_exchange.UsesChunk)
        {
            _stuffer.Write(content, output);
        }
        else if (_sizeWritten <= _size)
        {
            // What is more than the chunk was said to hold would be read as commands.
            output.Write(content);
        }
    }

    /// <summary>
    /// Ends the content: CRLF when it has none at its end, then the final dot; nothing behind a chunk. When it is not as long as the transaction
    /// said, or the peer has begun to answer before its end, the dot is not written and the connection has failed: what is cut short must never
    /// look whole.
    /// </summary>
    /// <param name="output">Takes it.</param>
    /// <exception cref="InvalidOperationException">The dialogue did not ask for a body.</exception>
    public void EndBody(IBufferWriter<byte> output)
    {
        Require(ClientPhase.Body);
        if (_sizeWritten != _size)
        {
            Fail(ClientReplies.ContentLength);
        }
        else if (_parser.IsPartial)
        {
            FailOutOfStep();
        }
        else
        {
            if (!_exchange.UsesChunk)
            {
                _stuffer.End(output);
            }

            _phase = ClientPhase.EndOfData;
        }
    }

    /// <summary>Says QUIT.</summary>
    /// <param name="output">Takes the command.</param>
    /// <exception cref="InvalidOperationException">The connection is not ready.</exception>
    public void Quit(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Require(ClientPhase.Ready);
        output.Write("QUIT\r\n"u8);
        _phase = ClientPhase.Quit;
    }

    /// <summary>
    /// The connection is gone (closed by the peer, a socket error, a time limit) or is being dropped by us (the content could not be read):
    /// recipients whose fate is open are deferred. Harmless when the dialogue has failed or is closed already.
    /// </summary>
    /// <param name="reason">What to report, a 4xx; by default <c>421 4.4.2</c>.</param>
    /// <exception cref="ArgumentException">The reason is not a 4xx.</exception>
    public void ConnectionLost(SmtpReply? reason = null)
    {
        if (reason is { IsTemporary: false })
        {
            throw new ArgumentException($"Not a temporary failure: {reason}.", nameof(reason));
        }

        if (_phase == ClientPhase.Quit)
        {
            _phase = ClientPhase.Closed;
        }
        else if (_phase is not (ClientPhase.Failed or ClientPhase.Closed))
        {
            Fail(reason ?? ClientReplies.ConnectionLost);
        }
    }

    private void Require(ClientPhase phase)
    {
        if (_phase != phase)
        {
            throw new InvalidOperationException($"Expected {phase} but is {_phase}.");
        }
    }
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>MAIL, RCPT and DATA of one transaction and what becomes of each recipient. One instance serves a connection's transactions in turn.</summary>
/// <remarks>
/// A recipient without an outcome has not been asked for, is being asked for, or was accepted; replies come in the order of the commands, so
/// two positions tell which. Methods that take a reply return the phase that follows; <see cref="ClientPhase.Ready"/> when all is decided.
/// </remarks>
internal sealed partial class EnvelopeExchange(int pipelinedRecipientsMax, bool isLmtp, bool withoutChunks)
{
    private ClientTransaction? _transaction;
    private ServerCapabilities _peer = ServerCapabilities.None;
    private RecipientOutcome?[] _outcomes = [];
    private RecipientOutcome? _mailRefusal;
    private int _nextToWrite;
    private int _nextToAnswer;
    private int _awaited;
    private int _nextToDeliver;
    private int _nextToTell;
    private int _accepted;
    private bool _usesUtf8;
    private bool _isDataWritten;
    private bool _isChunkRefused;
    private bool _isRecipientTakenWithoutMail;

    /// <summary>The peer may still hold a transaction that was not carried through, so that RSET must precede the next MAIL.</summary>
    public bool NeedsReset { get; private set; }

    /// <summary>The content goes as one chunk, and not behind DATA.</summary>
    public bool UsesChunk => _peer.HasChunking && !withoutChunks;

    /// <summary>A transaction is under way.</summary>
    public bool IsOn => _transaction is not null;

    /// <summary>Takes a transaction and decides what needs no asking.</summary>
    /// <returns>False when that was all: the outcomes are complete.</returns>
    public bool Start(ClientTransaction transaction, ServerCapabilities peer)
    {
        _transaction = transaction;
        _peer = peer;
        _outcomes = new RecipientOutcome?[transaction.Envelope.Recipients.Count];
        _usesUtf8 = CommandWriter.UsesUtf8(transaction, peer);
        _mailRefusal = null;
        _nextToWrite = 0;
        _nextToAnswer = 0;
        _nextToDeliver = 0;
        _nextToTell = 0;
        _awaited = 0;
        _accepted = 0;
        _isDataWritten = false;
        _isChunkRefused = false;
        _isRecipientTakenWithoutMail = false;
        return Preflight.Decide(transaction, peer, _outcomes) > 0;
    }

    /// <summary>Ends the transaction and hands over its outcomes, one for each recipient.</summary>
    public IReadOnlyList<RecipientOutcome> Take()
    {
        var outcomes = _outcomes;
        _outcomes = [];
        _transaction = null;
        return outcomes!;
    }

    /// <summary>Writes MAIL, and behind it as much as may be pipelined.</summary>
    public void WriteMail(IBufferWriter<byte> output)
    {
        CommandWriter.Mail(_transaction!, _peer, _usesUtf8, output);
        if (_peer.HasPipelining)
        {
            WriteRecipients(output);
        }
    }

    /// <summary>The next recipient whose delivery was confirmed while others are waited for (LMTP); each is told once.</summary>
    public bool TryTakeDelivered(out int recipient, [NotNullWhen(true)] out RecipientOutcome? outcome)
    {
        while (IsOn && _nextToTell < _nextToDeliver)
        {
            (recipient, outcome) = (_nextToTell, _outcomes[_nextToTell]);
            _nextToTell++;
            if (outcome is { Kind: OutcomeKind.Delivered })
            {
                return true;
            }
        }

        (recipient, outcome) = (-1, null);
        return false;
    }

    /// <summary>The connection is lost: what is open gets this outcome; what the peer had decided stays.</summary>
    public void Abort(RecipientOutcome outcome) => Decide(_mailRefusal ?? outcome);

    /// <summary>
    /// The peer's replies are out of step with the commands: none of its refusals can be trusted to belong to the recipient it was taken for,
    /// so all are to be tried again. What was decided without the peer stays, and so does what it has taken: that is never sent again.
    /// </summary>
    public void AbortDistrusting(RecipientOutcome outcome)
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            _outcomes[i] = _outcomes[i] is { Kind: OutcomeKind.Delivered, Stage: ClientStage.EndOfData } taken ? taken : null;
        }

        Preflight.Decide(_transaction!, _peer, _outcomes);
        Decide(outcome);
    }

    /// <summary>By the class of the reply: 5xx never, else later.</summary>
    public static RecipientOutcome Refusal(ClientStage stage, SmtpReply reply) =>
        new(reply.IsPermanent ? OutcomeKind.Bounced : OutcomeKind.Deferred, stage, reply);

    /// <summary>Writes the next RCPT commands, and DATA behind the last one when it may be pipelined.</summary>
    private void WriteRecipients(IBufferWriter<byte> output)
    {
        var recipients = _transaction!.Envelope.Recipients;
        var room = _peer.HasPipelining ? pipelinedRecipientsMax : 1;
        SkipDecided(ref _nextToWrite);
        while (room > 0 && _nextToWrite < _outcomes.Length)
        {
            CommandWriter.Recipient(recipients[_nextToWrite], _peer, _usesUtf8, output);
            _nextToWrite++;
            _awaited++;
            room--;
            SkipDecided(ref _nextToWrite);
        }

        if (_peer.HasPipelining && !UsesChunk && !_transaction.IsProbe && _nextToWrite == _outcomes.Length)
        {
            output.Write("DATA\r\n"u8);
            _isDataWritten = true;
        }
    }

    private ClientPhase AfterRecipients(IBufferWriter<byte> output)
    {
        if (_isDataWritten)
        {
            return ClientPhase.Data;
        }

        if (_mailRefusal is not null)
        {
            NeedsReset |= _isRecipientTakenWithoutMail;
            return Decide(_mailRefusal);
        }

        if (_nextToWrite < _outcomes.Length)
        {
            WriteRecipients(output);
            return ClientPhase.Recipients;
        }

        if (_accepted == 0)
        {
            return ClientPhase.Ready;
        }

        if (UsesChunk)
        {
            CommandWriter.Chunk(_transaction!.Size, output);
            return ClientPhase.Body;
        }

        output.Write("DATA\r\n"u8);
        return ClientPhase.Data;
    }

    /// <summary>Gives all recipients without an outcome this one. There are none left when it is null.</summary>
    private ClientPhase Decide(RecipientOutcome? outcome)
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            _outcomes[i] ??= outcome;
        }

        return ClientPhase.Ready;
    }

    /// <summary>Passes over recipients decided by <see cref="Preflight"/>; nothing behind either position has been answered.</summary>
    private void SkipDecided(ref int position)
    {
        while (position < _outcomes.Length && _outcomes[position] is not null)
        {
            position++;
        }
    }
}

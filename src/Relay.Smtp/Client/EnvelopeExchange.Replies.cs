using System.Buffers;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

// What each reply of the peer means for the transaction.
internal sealed partial class EnvelopeExchange
{
    /// <summary>Takes the reply to RSET.</summary>
    public void OnReset() => NeedsReset = false;

    /// <summary>Takes the reply to MAIL.</summary>
    public ClientPhase OnMail(ReplyParser reply, IBufferWriter<byte> output)
    {
        if (IsIntermediate(reply))
        {
            return ClientPhase.OutOfStep;
        }

        if (IsPositive(reply))
        {
            NeedsReset = true;
        }
        else
        {
            _mailRefusal = Refusal(ClientStage.Mail, reply.ToReply());
        }

        if (_awaited > 0)
        {
            return ClientPhase.Recipients;
        }

        if (_mailRefusal is not null)
        {
            return Decide(_mailRefusal);
        }

        WriteRecipients(output);
        return ClientPhase.Recipients;
    }

    /// <summary>Takes the reply to the RCPT that is next in order.</summary>
    public ClientPhase OnRecipient(ReplyParser reply, IBufferWriter<byte> output)
    {
        if (IsIntermediate(reply))
        {
            return ClientPhase.OutOfStep;
        }

        SkipDecided(ref _nextToAnswer);
        var index = _nextToAnswer++;
        _awaited--;
        if (_mailRefusal is not null)
        {
            _isRecipientTakenWithoutMail |= IsPositive(reply);
        }
        else if (!IsPositive(reply))
        {
            _outcomes[index] = RecipientRefusal(reply.ToReply());
        }
        else if (_transaction!.IsProbe)
        {
            _outcomes[index] = new RecipientOutcome(OutcomeKind.Delivered, ClientStage.Rcpt, reply.ToReply());
        }
        else
        {
            _accepted++;
        }

        return _awaited > 0 ? ClientPhase.Recipients : AfterRecipients(output);
    }

    /// <summary>Takes the reply to DATA.</summary>
    public ClientPhase OnData(ReplyParser reply, IBufferWriter<byte> output)
    {
        if (IsPositive(reply))
        {
            return ClientPhase.OutOfStep;
        }

        if (!IsIntermediate(reply))
        {
            return Decide(_accepted > 0 ? Refusal(ClientStage.Data, reply.ToReply()) : _mailRefusal);
        }

        if (_accepted > 0)
        {
            return ClientPhase.Body;
        }

        if (_isRecipientTakenWithoutMail || isLmtp)
        {
            // A dot would give that recipient an empty message; and an LMTP server must not have said 354 (RFC 2033 section 4.2).
            return ClientPhase.Stranded;
        }

        output.Write(".\r\n"u8);
        return ClientPhase.LoneDot;
    }

    /// <summary>Takes any reply to the dot that ended a body for nobody.</summary>
    public ClientPhase OnLoneDot() => Decide(_mailRefusal);

    /// <summary>Takes the reply to the end of the content, the only one that delivers; of LMTP the one for the next accepted recipient.</summary>
    public ClientPhase OnEndOfData(ReplyParser reply)
    {
        if (IsIntermediate(reply))
        {
            return ClientPhase.OutOfStep;
        }

        var outcome = IsPositive(reply)
            ? new RecipientOutcome(OutcomeKind.Delivered, ClientStage.EndOfData, reply.ToReply())
            : Refusal(ClientStage.EndOfData, reply.ToReply());
        // A refused chunk leaves the peer in a state that nobody can tell (RFC 3030 section 2).
        _isChunkRefused |= UsesChunk && !IsPositive(reply);
        NeedsReset = _isChunkRefused;
        if (!isLmtp)
        {
            return Decide(outcome);
        }

        SkipDecided(ref _nextToDeliver);
        _outcomes[_nextToDeliver++] = outcome;
        _accepted--;
        return _accepted > 0 ? ClientPhase.EndOfData : ClientPhase.Ready;
    }

    private static bool IsPositive(ReplyParser reply) => reply.Code < 300;

    private static bool IsIntermediate(ReplyParser reply) => reply.Code is >= 300 and < 400;

    /// <summary>RFC 5321 section 4.5.3.1.10: 552 behind accepted recipients means too many of them, as 452 does.</summary>
    private RecipientOutcome RecipientRefusal(SmtpReply reply) => reply.Code == 552 && _accepted > 0
        ? new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Rcpt, reply)
        : Refusal(ClientStage.Rcpt, reply);
}

using System.Buffers;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

public sealed partial class ServerDialogue
{
    /// <summary>Answers <see cref="DialogueStep.DecideMail"/> with 250: a transaction is open.</summary>
    /// <param name="output">Takes the reply.</param>
    public void AcceptMail(IBufferWriter<byte> output)
    {
        Answer(Decision.Mail);
        _isMailDeferred = false;
        _state = ConversationState.SenderGiven;
        ReplyWriter.Write(CannedReplies.SenderOk, output);
    }

    /// <summary>Answers <see cref="DialogueStep.DecideMail"/> with a refusal: no transaction begins.</summary>
    /// <param name="reply">4xx or 5xx; 421 also ends the connection.</param>
    /// <param name="output">Takes the reply.</param>
    public void RefuseMail(SmtpReply reply, IBufferWriter<byte> output)
    {
        RequireRefusal(reply);
        Answer(Decision.Mail);
        _isMailDeferred = reply.IsTemporary;
        RefuseOrDefer(reply, output, RefusalPlace.Command);
        EndTransaction();
    }

    /// <summary>Answers <see cref="DialogueStep.DecideRecipient"/> with 250.</summary>
    /// <param name="output">Takes the reply.</param>
    public void AcceptRecipient(IBufferWriter<byte> output)
    {
        Answer(Decision.Recipient);
        _recipients ??= new(1);
        _recipients.Add(Candidate!);
        Candidate = null;
        _state = ConversationState.RecipientGiven;
        ReplyWriter.Write(CannedReplies.RecipientOk, output);
    }

    /// <summary>Answers <see cref="DialogueStep.DecideRecipient"/> with a refusal; other recipients stay.</summary>
    /// <param name="reply">4xx or 5xx; 421 also ends the connection.</param>
    /// <param name="output">Takes the reply.</param>
    public void RefuseRecipient(SmtpReply reply, IBufferWriter<byte> output)
    {
        RequireRefusal(reply);
        Answer(Decision.Recipient);
        if (reply.IsTemporary)
        {
            DeferRecipient(reply, output);
        }
        else
        {
            Refuse(reply, output, RefusalPlace.Recipient);
        }

        Candidate = null;
    }

    /// <summary>Answers <see cref="DialogueStep.DecideBody"/>: 354 for DATA, nothing for BDAT.</summary>
    /// <param name="output">Takes the reply.</param>
    public void AcceptBody(IBufferWriter<byte> output)
    {
        Answer(Decision.Body);
        var isChunk = _mode == Mode.Chunk;
        _bodyBegun = true;
        _scanner = new BodyScanner(_options.LineMax, hasDots: !isChunk);
        _headers = default;
        if (isChunk)
        {
            _state = ConversationState.Chunking;
        }
        else
        {
            _mode = Mode.Data;
            ReplyWriter.Write(CannedReplies.StartMail, output);
        }
    }

    /// <summary>
    /// Answers <see cref="DialogueStep.DecideBody"/> with a refusal, which ends the transaction; the octets of a refused BDAT are dropped.
    /// </summary>
    /// <param name="reply">4xx or 5xx; 421 also ends the connection.</param>
    /// <param name="output">Takes the reply.</param>
    public void RefuseBody(SmtpReply reply, IBufferWriter<byte> output)
    {
        RequireRefusal(reply);
        Answer(Decision.Body);
        var isChunk = _mode == Mode.Chunk;
        RefuseOrDefer(reply, output, RefusalPlace.Message);
        EndTransaction();
        _mode = isChunk ? Mode.DroppedChunk : Mode.Command;
    }

    /// <summary>Answers <see cref="DialogueStep.DecideMessage"/> after the message is durable: from here on it is ours.</summary>
    /// <param name="reply">2xx, with the id of the message.</param>
    /// <param name="output">Takes the reply.</param>
    public void AcceptMessage(SmtpReply reply, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!reply.IsPositive)
        {
            throw new ArgumentException("An accepted message needs a 2xx reply", nameof(reply));
        }

        Answer(Decision.Message);
        EndTransaction();
        ErrorCount = 0;
        DeferralCount = 0;
        _junkCount = 0;
        ReplyWriter.Write(reply, output);
    }

    /// <summary>Answers <see cref="DialogueStep.DecideMessage"/> with a refusal: nothing is kept.</summary>
    /// <param name="reply">4xx or 5xx; 421 also ends the connection.</param>
    /// <param name="output">Takes the reply.</param>
    public void RefuseMessage(SmtpReply reply, IBufferWriter<byte> output)
    {
        RequireRefusal(reply);
        Answer(Decision.Message);
        _bodyBegun = false; // the owner knows what becomes of it
        RefuseOrDefer(reply, output, RefusalPlace.Message);
        EndTransaction();
    }

    /// <summary>A 4xx to MAIL or a body is no error of the client, but it may not go on for ever either.</summary>
    private void RefuseOrDefer(SmtpReply reply, IBufferWriter<byte> output, RefusalPlace place)
    {
        if (reply.IsTemporary)
        {
            DeferralCount++;
            if (IsTooMuchJunk(output))
            {
                return;
            }
        }

        Refuse(reply, output, place);
    }

    /// <summary>Those accepted must be delivered, so a list that is too long ends the connection only far beyond its limit.</summary>
    private void DeferRecipient(SmtpReply reply, IBufferWriter<byte> output)
    {
        if (++_deferredRecipients > DeferredRecipientsMax && ++ErrorCount > _options.ErrorsMax)
        {
            CloseAfter(CannedReplies.TooManyErrors, output, RefusalPlace.Recipient);
        }
        else
        {
            Refuse(reply, output, RefusalPlace.Recipient);
        }
    }

    private static void RequireRefusal(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!reply.IsTemporary && !reply.IsPermanent)
        {
            throw new ArgumentException("A refusal needs a 4xx or 5xx reply", nameof(reply));
        }
    }

    private static SmtpReply ReplyFor(BodyFault fault) => fault switch
    {
        BodyFault.LeadingBlank => CannedReplies.LeadingBlank,
        BodyFault.LongLine => CannedReplies.ContentLineTooLong,
        BodyFault.TooManyHops => CannedReplies.TooManyHops,
        BodyFault.TooManyFields => CannedReplies.TooManyFields,
        BodyFault.HeaderTooLarge => CannedReplies.HeaderTooLarge,
        BodyFault.TooLarge => CannedReplies.TooLarge,
        _ => CannedReplies.BadContent,
    };
}

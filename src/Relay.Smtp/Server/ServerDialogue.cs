using System.Buffers;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>The server side of one SMTP connection as a pure state machine: octets in, replies and steps out. No socket, clock or task.</summary>
public sealed class ServerDialogue
{
    /// <summary>Makes the dialogue of a new connection.</summary>
    public ServerDialogue(ServerDialogueOptions options, MessageLimits limits) => throw new NotImplementedException();

    /// <summary>The limits for EHLO's SIZE and for transactions that begin from now on.</summary>
    public MessageLimits Limits { get; set; }

    /// <summary>The name of the last EHLO or HELO as sent; null before one.</summary>
    public string? HeloName { get; }

    /// <summary>True when the last greeting was EHLO.</summary>
    public bool IsExtended { get; }

    /// <summary>True after <see cref="TlsStarted"/>.</summary>
    public bool IsTls { get; }

    /// <summary>True when no transaction is open, so that a drain may say 421 without losing anything.</summary>
    public bool IsBetweenTransactions { get; }

    /// <summary>The reverse-path of the transaction; null outside one.</summary>
    public MailPath? Sender { get; }

    /// <summary>The parameters of MAIL; null outside a transaction.</summary>
    public MailParameters? Parameters { get; }

    /// <summary>The accepted recipients in order.</summary>
    public IReadOnlyList<EnvelopeRecipient> Recipients => throw new NotImplementedException();

    /// <summary>The recipient to decide on at <see cref="DialogueStep.DecideRecipient"/>.</summary>
    public EnvelopeRecipient? Candidate { get; }

    /// <summary>Content octets at <see cref="DialogueStep.BodyBytes"/>, un-stuffed, valid until the next call.</summary>
    public ReadOnlySequence<byte> Body { get; }

    /// <summary>Content octets of this message so far.</summary>
    public long BodyLength { get; }

    /// <summary>Commands refused on this connection.</summary>
    public int ErrorCount { get; }

    /// <summary>Writes the 220 greeting.</summary>
    public void WriteGreeting(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Handles at most one command or one slice of a body.</summary>
    /// <param name="input">What has been received and not been consumed; sliced to what is left.</param>
    /// <param name="output">Takes the replies, whole and in order.</param>
    public DialogueStep Advance(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>The transaction as a value.</summary>
    public Envelope ToEnvelope() => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideMail"/> with 250.</summary>
    public void AcceptMail(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideMail"/> with a 4xx or 5xx reply; no transaction begins.</summary>
    public void RefuseMail(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideRecipient"/> with 250.</summary>
    public void AcceptRecipient(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideRecipient"/> with a 4xx or 5xx reply.</summary>
    public void RefuseRecipient(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideBody"/>: 354 for DATA, nothing for BDAT.</summary>
    public void AcceptBody(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideBody"/> with a 4xx or 5xx reply; the octets of a refused BDAT are consumed and dropped.</summary>
    public void RefuseBody(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideMessage"/> after the message is durable.</summary>
    public void AcceptMessage(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Answers <see cref="DialogueStep.DecideMessage"/> with a 4xx or 5xx reply; nothing is kept.</summary>
    public void RefuseMessage(SmtpReply reply, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>The TLS handshake is done: everything learnt before it is forgotten (RFC 3207 section 4.2).</summary>
    public void TlsStarted() => throw new NotImplementedException();
}

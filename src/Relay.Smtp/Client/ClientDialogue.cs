using System.Buffers;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>The client's half of one SMTP connection as a pure state machine: bytes in, bytes and outcomes out.</summary>
public sealed class ClientDialogue
{
    /// <summary>Makes the dialogue of a connection that has just been made.</summary>
    /// <param name="options">Shared by all connections.</param>
    public ClientDialogue(ClientDialogueOptions options) => throw new NotImplementedException();

    /// <summary>What the peer offered; <see cref="ServerCapabilities.None"/> before EHLO is answered.</summary>
    public ServerCapabilities Capabilities => throw new NotImplementedException();

    /// <summary>What is awaited now, and so which time limit holds.</summary>
    public ClientStage Stage => throw new NotImplementedException();

    /// <summary>One outcome for each recipient of the last transaction, in its order; empty before it is done.</summary>
    public IReadOnlyList<RecipientOutcome> Outcomes => throw new NotImplementedException();

    /// <summary>Why the connection cannot be used any more, or null.</summary>
    public ClientFailure? Failure => throw new NotImplementedException();

    /// <summary>False once the connection has failed or is closed.</summary>
    public bool IsUsable => throw new NotImplementedException();

    /// <summary>Takes what has arrived and says what to do next.</summary>
    /// <param name="input">What has arrived and was not taken yet; sliced to what is not taken. Empty is allowed.</param>
    /// <param name="output">Takes commands; flush it before waiting.</param>
    public ClientStep Advance(ref ReadOnlySequence<byte> input, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Starts a transaction; with PIPELINING all its commands up to DATA leave in one write.</summary>
    /// <param name="transaction">What to send to whom.</param>
    /// <param name="output">Takes the commands; empty when all recipients were decided without asking the peer.</param>
    /// <exception cref="InvalidOperationException">The connection is not ready, or there is no recipient.</exception>
    public void Begin(ClientTransaction transaction, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Writes the next piece of content, dot-stuffed.</summary>
    /// <param name="content">Any number of octets.</param>
    /// <param name="output">Takes them.</param>
    /// <exception cref="InvalidOperationException">The dialogue did not ask for a body.</exception>
    public void WriteBody(ReadOnlySpan<byte> content, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Ends the content: CRLF when it has none at its end, then the final dot.</summary>
    /// <param name="output">Takes it.</param>
    /// <exception cref="InvalidOperationException">The dialogue did not ask for a body.</exception>
    public void EndBody(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Says QUIT.</summary>
    /// <param name="output">Takes the command.</param>
    /// <exception cref="InvalidOperationException">The connection is not ready.</exception>
    public void Quit(IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>
    /// The connection is gone (closed by the peer, a socket error, a time limit) or is being dropped by us (the content could not be read):
    /// recipients whose fate is open are deferred. Harmless when the dialogue has failed or is closed already.
    /// </summary>
    /// <param name="reason">What to report, a 4xx; by default <c>421 4.4.2</c>.</param>
    /// <exception cref="ArgumentException">The reason is not a 4xx.</exception>
    public void ConnectionLost(SmtpReply? reason = null) => throw new NotImplementedException();
}

using System.Net;
using Relay.Smtp.Envelopes;

namespace Relay.Flood.Sink;

/// <summary>One accepted message, as an observer in the same process sees it.</summary>
/// <param name="Number">1 for the first message that this sink saw; the name of its files when messages are saved.</param>
/// <param name="Envelope">Sender, recipients and parameters.</param>
/// <param name="HeloName">The client's name as it said it in EHLO or HELO.</param>
/// <param name="Peer">The client's address and port.</param>
/// <param name="AcceptedAt">When it was accepted.</param>
/// <param name="Size">Content octets.</param>
/// <param name="Content">The content octets, un-stuffed, owned by the receiver; empty unless the observer asked for content.</param>
public sealed record SinkMessage(
    long Number,
    Envelope Envelope,
    string HeloName,
    IPEndPoint Peer,
    DateTimeOffset AcceptedAt,
    long Size,
    ReadOnlyMemory<byte> Content);

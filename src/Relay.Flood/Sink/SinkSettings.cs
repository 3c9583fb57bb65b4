using System.Net;

namespace Relay.Flood.Sink;

/// <summary>What a sink listens on, how it misbehaves and what it keeps. Every member has a default.</summary>
public sealed record SinkSettings
{
    /// <summary>The port of <see cref="Listen"/> by default.</summary>
    public const int DefaultPort = 2526;

    /// <summary>Where to listen; port 0 takes a free one. Default: 127.0.0.1:2526.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    /// <summary>The name in the greeting. Default: sink.relay.example.</summary>
    public string HostName { get; init; } = "sink.relay.example";

    /// <summary>
    /// Folder that takes <c>N.eml</c> (the content octets as received, un-stuffed) and <c>N.json</c> (the envelope) of every accepted
    /// message; made when missing, numbered on from what it holds. Null: nothing is saved. Default: null.
    /// </summary>
    public string? SaveDirectory { get; init; }

    /// <summary>Refusals. Several for one place take turns by chance. Default: none.</summary>
    public IReadOnlyList<SinkFault> Faults { get; init; } = [];

    /// <summary>Where the connection is closed without a reply. Default: nowhere.</summary>
    public SinkPlace? DropAt { get; init; }

    /// <summary>Share of the times that a place with a fault or a drop is reached at which it applies, 0 to 1. Default: 1.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>
    /// Seed of the chance behind <see cref="Rate"/>. The n-th connection makes the same choices in every run with the same seed. Null: a
    /// new seed a run. Default: null.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Wait between the end of a body and its reply, whatever the reply. The message is accepted (counted, saved, entered) after the
    /// wait. Default: none.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// Accepted messages after which <see cref="SmtpSink.Completed"/> completes and the program ends; later ones get <c>421</c>. Null:
    /// never. Default: null.
    /// </summary>
    public long? StopAfter { get; init; }

    /// <summary>
    /// File that gets one line for each accepted message before its reply is sent; see <see cref="Ledger"/> for the format. Appended to
    /// when it exists. Null: none. Default: null.
    /// </summary>
    public string? LedgerFile { get; init; }

    /// <summary>Content octets of one message. Default: 1 GiB.</summary>
    public long SizeMax { get; init; } = 1L << 30;

    /// <summary>Recipients of one message. Default: 10,000.</summary>
    public int RecipientsMax { get; init; } = 10_000;

    /// <summary>Connections at one time; one more is answered 421 and closed. Default: 20,000.</summary>
    public int ConnectionsMax { get; init; } = 20_000;

    /// <summary>
    /// Time that <see cref="SmtpSink.StopAsync"/> gives connections to finish what they are at, before it cuts them. Default: 5 s.
    /// </summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(5);
}

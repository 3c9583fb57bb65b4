using System.Net;

namespace Relay.Flood;

/// <summary>What a flood is run with. Everything is bounded in count and time.</summary>
public sealed record FloodSettings
{
    /// <summary>Longest phase.</summary>
    public static readonly TimeSpan PhaseMax = TimeSpan.FromHours(1);

    /// <summary>Most messages, commands or connections a second of either side.</summary>
    public const int RateMax = 50_000;

    /// <summary>Most connections that an attack holds at once.</summary>
    public const int ConnectionsMax = 20_000;

    /// <summary>Where the nodes take mail, one address each. Empty: nodes of our own.</summary>
    public IReadOnlyList<IPEndPoint> Targets { get; init; } = [];

    /// <summary>The admin addresses of the nodes, for CPU, memory and spool; may be empty.</summary>
    public IReadOnlyList<Uri> Apis { get; init; } = [];

    /// <summary>Nodes of our own, when there are no targets. Default: 3.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>The folder that data of our own nodes is made below, on a disk. Default: /var/tmp where it exists.</summary>
    public string DataDirectory { get; init; } = Directory.Exists("/var/tmp") ? "/var/tmp" : Path.GetTempPath();

    /// <summary>Before anything is measured. Default: 10 s.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of the baseline and of the flood, each. Default: 20 s.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>After the flood. Default: 10 s.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Legitimate messages a second, of all senders together. Default: 100.</summary>
    public double LegitimateRate { get; init; } = 100;

    /// <summary>Legitimate senders, each with an address and a domain of its own. Default: 50.</summary>
    public int LegitimateSenders { get; init; } = 50;

    /// <summary>What the attack does a second; null: the scenario's own figure.</summary>
    public double? AttackRate { get; init; }

    /// <summary>Octets of a legitimate message. Default: 4096.</summary>
    public int MessageBytes { get; init; } = 4096;

    /// <summary>Octets of a message of <c>big-bodies</c>. Default: 8 MiB.</summary>
    public int BigBytes { get; init; } = 8 << 20;

    /// <summary>A recipient that the cluster takes mail for and delivers to the sink.</summary>
    public string Recipient { get; init; } = "user@flood.example";

    /// <summary>A recipient that is accepted and whose next hop is dead.</summary>
    public string DeadRecipient { get; init; } = "user@dead.flood.example";

    /// <summary>Where our sink listens; port 0 takes a free one. Null: no sink, so nothing is known of deliveries.</summary>
    public IPEndPoint? Sink { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Messages a second that the policy's limit lets one client send; null: not known, not judged.</summary>
    public double? LimitPerSecond { get; init; }

    /// <summary>The burst of that limit.</summary>
    public double LimitBurst { get; init; }

    /// <summary>Octets of the spool that one sender may fill, on each node; null: not known, not judged.</summary>
    public long? SpoolShareBytes { get; init; }

    /// <summary>Do legitimate senders use STARTTLS? Default: no.</summary>
    public bool WithTls { get; init; }

    /// <summary>Are all targets on loopback, so that each sender can have an address of its own?</summary>
    public bool HasSourceAddresses { get; init; } = true;

    /// <summary>Of all chance. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The domain of an address.</summary>
    internal static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];
}

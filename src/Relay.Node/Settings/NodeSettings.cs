using System.Net;

namespace Relay.Node.Settings;

/// <summary>What this process is: everything that <c>relay run</c> reads before it starts.</summary>
/// <remarks>
/// The property names are the keys of the settings file, and the initial values are the documented defaults (docs/operations.md).
/// Paths are absolute once <see cref="SettingsLoader"/> has read them.
/// </remarks>
public sealed record NodeSettings
{
    /// <summary>The node's names, its data directory and how long it may drain.</summary>
    public NodeSection Node { get; init; } = new();

    /// <summary>Where mail is received; at least one, each with its own name and address. A witness has none.</summary>
    public IReadOnlyList<ListenerSettings> Listeners { get; init; } = [new()];

    /// <summary>The certificate of the listeners; null without one.</summary>
    public ListenerTlsSection? Tls { get; init; }

    /// <summary>The API, <c>/metrics</c> and <c>/health</c>.</summary>
    public AdminSection Admin { get; init; } = new();

    /// <summary>How this node meets the others.</summary>
    public ClusterSection Cluster { get; init; } = new();

    /// <summary>The disk room for accepted mail.</summary>
    public SpoolSection Spool { get; init; } = new();

    /// <summary>The resolvers.</summary>
    public DnsSection Dns { get; init; } = new();

    /// <summary>The log.</summary>
    public LogSection Log { get; init; } = new();

    /// <summary>The notice that balancers are given before the node drains. Not a key: it is <see cref="NodeSection.DrainNotice"/> with its default.</summary>
    internal TimeSpan DrainNotice => Node.DrainNotice
        ?? (Listeners.Any(static listener => listener.ProxyProtocol is not null) ? NodeSection.DrainNoticeBehindBalancer : TimeSpan.Zero);

    /// <summary>True for the address of a balancer of any listener. It carries no right on any: whoever gets through that balancer, by whichever way, would have it.</summary>
    internal bool IsBalancer(IPAddress address)
    {
        // Asked with every connection: nothing is allocated.
        for (var i = 0; i < Listeners.Count; i++)
        {
            if (Listeners[i].ProxyProtocol is { } balancers && balancers.Trusts(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The folder of the settings file, or the one the node was started in. Not a key: it is found, not set.</summary>
    internal string SettingsDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>The policy document to begin with; null for none, and then only loopback clients may relay.</summary>
    public string? PolicyFile { get; init; }
}

using System.Net;

namespace Relay.Node.Settings;

/// <summary>The resolvers that find where mail goes.</summary>
public sealed record DnsSection
{
    /// <summary>The resolvers' addresses; empty for the system's.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];
}

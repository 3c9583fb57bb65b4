using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Relay.Policy.Decisions;

namespace Relay.Messages.Destinations;

/// <summary>The next-hop site that a recipient belongs to: what queues, windows and connections are counted by.</summary>
/// <remarks>Equality is by <see cref="Name"/> alone; the name says everything that makes two sites different.</remarks>
public sealed class DestinationKey : IEquatable<DestinationKey>
{
    /// <summary>Hosts that a site's name spells out; of more it gives the number and a hash.</summary>
    public const int NamedHostsMax = 4;

    private DestinationKey(string name, RouteTarget? route, ImmutableArray<MailExchanger> exchangers, TlsLevel tls)
    {
        Name = tls == TlsLevel.May ? name : $"{name};tls={TlsLevels.WordOf(tls)}";
        Route = route;
        Exchangers = exchangers;
        Tls = tls;
    }

    /// <summary>
    /// What operators see and type: <c>smtp://host:port</c> for a route, <c>mx1.example,mx2.example</c> for a set of mail exchangers, each
    /// with <c>;tls=…</c> behind it when its TLS demand is not <c>may</c>.
    /// </summary>
    public string Name { get; }

    /// <summary>The fixed next hop of a policy route, or null when the next hop is found by MX.</summary>
    public RouteTarget? Route { get; }

    /// <summary>The site's hosts by preference, equal ones by name; empty for a route.</summary>
    public ImmutableArray<MailExchanger> Exchangers { get; }

    /// <summary>What connections to it demand of TLS.</summary>
    public TlsLevel Tls { get; }

    /// <summary>The site of a policy route.</summary>
    public static DestinationKey ForRoute(RouteTarget route, TlsLevel tls = TlsLevel.May)
    {
        ArgumentNullException.ThrowIfNull(route);
        return new DestinationKey(route.ToString(), route, [], tls);
    }

    /// <summary>The site of a set of mail exchangers: every domain that has the same ones is served by the same connections.</summary>
    /// <param name="exchangers">At least one, in any order.</param>
    /// <param name="tls">What connections to it demand of TLS.</param>
    public static DestinationKey ForSite(IEnumerable<MailExchanger> exchangers, TlsLevel tls = TlsLevel.May)
    {
        ArgumentNullException.ThrowIfNull(exchangers);
        MailExchanger[] ordered = [.. exchangers
            .OrderBy(static exchanger => exchanger.Preference).ThenBy(static exchanger => exchanger.Host, StringComparer.Ordinal)];
        ArgumentOutOfRangeException.ThrowIfZero(ordered.Length, nameof(exchangers));
        return new DestinationKey(NameOf(ordered), null, [.. ordered], tls);
    }

    /// <inheritdoc/>
    public bool Equals(DestinationKey? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DestinationKey);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;

    // Preferences are left out: the order says them, but for which hosts are equal.
    private static string NameOf(MailExchanger[] ordered)
    {
        var hosts = string.Join(',', ordered.Take(NamedHostsMax).Select(static exchanger => exchanger.Host));
        if (ordered.Length <= NamedHostsMax)
        {
            return hosts;
        }

        var all = string.Join(',', ordered.Select(static exchanger => exchanger.Host));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 8));
        return $"{hosts}+{ordered.Length - NamedHostsMax}-{hash}";
    }
}

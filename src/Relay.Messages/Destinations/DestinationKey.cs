using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Messages.Destinations;

/// <summary>The next-hop site that a recipient belongs to: what queues, windows and connections are counted by.</summary>
/// <remarks>Equality is by <see cref="Name"/> alone.</remarks>
public sealed class DestinationKey : IEquatable<DestinationKey>
{
    private DestinationKey(string name, RouteTarget? route, MailDomain? domain)
    {
        Name = name;
        Route = route;
        Domain = domain;
    }

    /// <summary>What operators see and type: <c>smtp://host:port</c> for a route, the domain for mail that goes by MX.</summary>
    public string Name { get; }

    /// <summary>The fixed next hop of a policy route, or null when the next hop is found by MX.</summary>
    public RouteTarget? Route { get; }

    /// <summary>The domain whose MX records name the next hop, or null for a route.</summary>
    public MailDomain? Domain { get; }

    /// <summary>The site of a policy route.</summary>
    public static DestinationKey ForRoute(RouteTarget route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return new DestinationKey(route.ToString(), route, null);
    }

    /// <summary>The site of a domain without a route.</summary>
    public static DestinationKey ForDomain(MailDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new DestinationKey(domain.Name, null, domain);
    }

    /// <inheritdoc/>
    public bool Equals(DestinationKey? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DestinationKey);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Destinations;

/// <summary>Tells the destination of a recipient: a policy route's next hop, else the domain's own mail exchangers.</summary>
/// <remarks>Decides on the same parsed address that the recipient was accepted by (I2).</remarks>
internal static class DestinationRouter
{
    /// <summary>The destination of an accepted recipient.</summary>
    /// <exception cref="ArgumentException">The path has no domain: it should have been resolved before it was accepted.</exception>
    public static DestinationKey Route(PolicySnapshot policy, MailPath recipient)
    {
        if (recipient.Domain is not { } domain)
        {
            throw new ArgumentException("A recipient without a domain cannot be routed.", nameof(recipient));
        }

        return policy.FindRoute(domain) is { } route ? DestinationKey.ForRoute(route.Target) : DestinationKey.ForDomain(domain);
    }
}

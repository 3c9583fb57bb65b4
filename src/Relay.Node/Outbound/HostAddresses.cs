using System.Collections.Immutable;
using System.Net;

namespace Relay.Node.Outbound;

/// <summary>A host of a site, and where it is.</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Host">Its name, or an address literal.</param>
/// <param name="Addresses">Its addresses in the order to try them.</param>
/// <param name="Problem">Why there may be more addresses than these; null when these are all.</param>
internal sealed record HostAddresses(int Preference, string Host, List<IPAddress> Addresses, string? Problem)
{
    /// <summary>Both families in turn, each in an order that is another each time: a host that one network does not reach is tried over the other next.</summary>
    public static List<IPAddress> Mix(ImmutableArray<IPAddress> ipv6, ImmutableArray<IPAddress> ipv4)
    {
        IPAddress[] sixes = [.. ipv6];
        IPAddress[] fours = [.. ipv4];
        Random.Shared.Shuffle(sixes);
        Random.Shared.Shuffle(fours);
        var mixed = new List<IPAddress>(sixes.Length + fours.Length);
        for (var i = 0; i < Math.Max(sixes.Length, fours.Length); i++)
        {
            mixed.AddRange(sixes.Skip(i).Take(1));
            mixed.AddRange(fours.Skip(i).Take(1));
        }

        return mixed;
    }
}

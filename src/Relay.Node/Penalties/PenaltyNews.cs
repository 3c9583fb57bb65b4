using System.Collections.Immutable;
using System.Net.Sockets;
using Relay.Messages.Reputation;
using Relay.Node.Listeners;

namespace Relay.Node.Penalties;

/// <summary>Refusals that other nodes have not been told of, summed by client. Bounded; not thread-safe.</summary>
internal sealed class PenaltyNews(int clientsMax)
{
    private readonly Dictionary<ClientKey, (int Weight, Offence Last)> _clients = [];

    /// <summary>A client was refused. What finds no room is counted on this node alone.</summary>
    public void Add(ClientKey client, int weight, Offence offence)
    {
        if (_clients.TryGetValue(client, out var sum) || _clients.Count < clientsMax)
        {
            _clients[client] = (sum.Weight + weight, offence);
        }
    }

    /// <summary>Takes so many clients out.</summary>
    public ImmutableArray<ToldRefusals> Take(int most)
    {
        var taken = _clients.Take(most).ToList();
        foreach (var (client, _) in taken)
        {
            _clients.Remove(client);
        }

        return [.. taken.Select(static client => Told(client.Key, client.Value.Weight, client.Value.Last))];
    }

    /// <summary>What is told of a client.</summary>
    public static ToldRefusals Told(ClientKey client, int weight, Offence last, TimeSpan left = default) =>
        new(client.Prefix, client.Family == (int)AddressFamily.InterNetworkV6, weight, (int)last, left);
}

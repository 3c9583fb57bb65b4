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

        return [.. taken.Select(static client => new ToldRefusals(
            client.Key.Prefix, client.Key.Family == (int)AddressFamily.InterNetworkV6, client.Value.Weight, (int)client.Value.Last))];
    }
}

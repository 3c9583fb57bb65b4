using System.Net.Sockets;
using Relay.Node.Listeners;

namespace Relay.Node.Penalties;

/// <summary>The clients of which something is remembered, within bounds. Pure; not thread-safe.</summary>
/// <remarks>Whoever owns an IPv6 /48 has 65,536 clients in it: past a number of them the rest of it is one client.</remarks>
internal sealed class PenaltyTable(PenaltyLimits limits)
{
    private readonly Dictionary<ClientKey, PenaltyEntry> _clients = [];
    private readonly Dictionary<ClientKey, int> _clientsOfNetworks = []; // IPv6 only: a /24 has no more clients than may be told apart
    private readonly Dictionary<ClientKey, PenaltyEntry> _networks = [];

    /// <summary>Entries that are there.</summary>
    public int Count => _clients.Count + _networks.Count;

    /// <summary>What is remembered of a client, or of the rest of its network; null for nothing.</summary>
    public PenaltyEntry? Find(ClientKey client) =>
        _clients.TryGetValue(client, out var entry) ? entry
        : _networks.Count > 0 && IsIPv6(client) ? _networks.GetValueOrDefault(client.NetworkOfIPv6())
        : null;

    /// <summary>The same, begun when there is nothing; null when there is no room.</summary>
    public PenaltyEntry? FindOrAdd(ClientKey client)
    {
        if (Find(client) is { } known)
        {
            return known;
        }

        if (Count >= limits.ClientsMax)
        {
            return null;
        }

        var entry = new PenaltyEntry();
        if (!IsIPv6(client))
        {
            _clients.Add(client, entry);
            return entry;
        }

        var network = client.NetworkOfIPv6();
        var clients = _clientsOfNetworks.GetValueOrDefault(network);
        if (clients >= limits.ClientsPerNetworkMax)
        {
            _networks.Add(network, entry);
            return entry;
        }

        _clientsOfNetworks[network] = clients + 1;
        _clients.Add(client, entry);
        return entry;
    }

    /// <summary>The clients under a penalty. The rest of a network has no name to tell.</summary>
    public IEnumerable<ClientKey> Penalised(long now) => _clients
        .Where(client => client.Value.Standing.Left(now) > TimeSpan.Zero)
        .Select(static client => client.Key);

    /// <summary>Forgets who is innocent.</summary>
    /// <returns>How many are under a penalty.</returns>
    public int Sweep(long now)
    {
        foreach (var (network, entry) in _networks)
        {
            if (entry.Standing.IsInnocent(now))
            {
                _networks.Remove(network);
            }
        }

        foreach (var (client, entry) in _clients)
        {
            if (!entry.Standing.IsInnocent(now))
            {
                continue;
            }

            _clients.Remove(client);
            if (IsIPv6(client))
            {
                Leave(client.NetworkOfIPv6());
            }
        }

        return _clients.Values.Concat(_networks.Values).Count(entry => entry.Standing.Left(now) > TimeSpan.Zero);
    }

    private static bool IsIPv6(ClientKey client) => client.Family == (int)AddressFamily.InterNetworkV6;

    private void Leave(ClientKey network)
    {
        if (--_clientsOfNetworks[network] == 0)
        {
            _clientsOfNetworks.Remove(network);
        }
    }
}

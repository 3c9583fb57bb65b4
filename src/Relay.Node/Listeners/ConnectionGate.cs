using System.Net;
using Relay.Actors.Pressure;
using Relay.Policy.Decisions;

namespace Relay.Node.Listeners;

/// <summary>Counts open connections, and lets another in while policy's <c>connections</c> allow it. Thread-safe.</summary>
internal sealed class ConnectionGate
{
    /// <summary>Clients whose rate is remembered; the table is cleared of idle ones when it is full.</summary>
    public const int TrackedClientsMax = 100_000;

    /// <summary>While so large a part of all connections is open, clients have no more time than under <see cref="PressureLevel.Medium"/>.</summary>
    public const double CrowdedPart = 0.8;

    /// <summary>While so large a part is open, they have no more than under <see cref="PressureLevel.High"/>, as with Postfix's stress.</summary>
    public const double FullPart = 0.95;

    /// <summary>The name of the limit that whoever connects too fast is refused by.</summary>
    public const string ByRate = "connections.ratePerClient";

    private const string ByTotal = "connections.total";
    private const string ByOpenFiles = "open files";
    private const string ByClient = "connections.perClient";
    private const string ByNetwork = "connections.perNetwork";

    /// <summary>The names of all limits.</summary>
    public static readonly IReadOnlyList<string> Limits = [ByTotal, ByOpenFiles, ByClient, ByNetwork, ByRate];

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientKey, int> _clients = [];
    private readonly Dictionary<ClientKey, int> _networks = [];
    private readonly ClientRates _rates;
    private readonly int _openFilesMax;
    private int _total;
    private TaskCompletionSource? _empty;

    /// <summary>Nobody is in.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="openFilesMax">Connections that the process has files for, whatever policy says.</param>
    public ConnectionGate(TimeProvider time, int openFilesMax = int.MaxValue)
    {
        _openFilesMax = openFilesMax;
        _rates = new ClientRates(time, TrackedClientsMax);
    }

    /// <summary>Open connections now.</summary>
    public int Total
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    /// <summary>Lets a connection in, or says by which limit not.</summary>
    /// <param name="address">The client's address, IPv4-mapped forms as IPv4.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="isBalancer">The address is a balancer's, which exempts from nothing.</param>
    /// <returns>Null when it is in and <see cref="Leave"/> must follow; else the name of the limit.</returns>
    public string? Enter(IPAddress address, PolicySnapshot policy, bool isBalancer = false)
    {
        var limits = policy.Connections;
        var (client, network) = (ClientKey.OfClient(address), ClientKey.OfNetwork(address));
        var isExempt = !isBalancer && policy.IsRelayNetwork(address);
        lock (_lock)
        {
            if (_total >= limits.Total)
            {
                return ByTotal;
            }

            if (_total >= _openFilesMax)
            {
                return ByOpenFiles;
            }

            if (!isExempt)
            {
                if (_clients.GetValueOrDefault(client) >= limits.PerClient)
                {
                    return ByClient;
                }

                if (_networks.GetValueOrDefault(network) >= limits.PerNetwork)
                {
                    return ByNetwork;
                }

                if (!_rates.TryTake(client, limits.RatePerClient))
                {
                    return ByRate;
                }
            }

            _total++;
            Add(_clients, client, 1);
            Add(_networks, network, 1);
            return null;
        }
    }

    /// <summary>The level of pressure whose times clients have, for the connections that are left.</summary>
    public PressureLevel CrowdingUnder(ConnectionLimits limits)
    {
        var open = (double)Total / Math.Min(limits.Total, _openFilesMax);
        return open >= FullPart ? PressureLevel.High : open >= CrowdedPart ? PressureLevel.Medium : PressureLevel.Normal;
    }

    /// <summary>Ends as soon as nobody is in.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            if (_total == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    /// <summary>A connection that was let in is closed.</summary>
    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            _total--;
            if (_total == 0)
            {
                _empty?.SetResult();
                _empty = null;
            }

            Add(_clients, ClientKey.OfClient(address), -1);
            Add(_networks, ClientKey.OfNetwork(address), -1);
        }
    }

    private static void Add(Dictionary<ClientKey, int> counts, ClientKey key, int by)
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}

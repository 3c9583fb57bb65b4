using System.Net;
using Relay.Node.Logging;

namespace Relay.Node.Cluster.Port;

/// <summary>How many connections to the cluster's port there may be, so that nobody who reaches it takes the files that mail needs. Thread-safe.</summary>
/// <remarks>Each host of the seeds has places of its own: whoever else is there cannot keep a node out.</remarks>
internal sealed partial class PortDoor
{
    /// <summary>Connections at once from a host, for each of the seeds that is on it; all other hosts together have as many.</summary>
    public const int ConnectionsMax = 32;

    private const string Others = "";

    private readonly Dictionary<string, int> _places;
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly LineBudget _lines;
    private readonly ILogger _log;

    /// <summary>Begins with nobody in.</summary>
    /// <param name="seeds">The addresses of all nodes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes a line a minute of those that were not let in.</param>
    public PortDoor(IEnumerable<IPEndPoint> seeds, TimeProvider time, ILogger log)
    {
        _places = seeds.GroupBy(static seed => HostOf(seed.Address.ToString())).ToDictionary(static host => host.Key, static host => host.Count() * ConnectionsMax);
        _log = log;
        _lines = new LineBudget(1, TimeSpan.FromMinutes(1), time, LogMore);
    }

    /// <summary>Takes a place.</summary>
    /// <param name="host">Where the connection comes from: an IP address, in brackets or not.</param>
    /// <returns>What gives it back, once; null when there is none.</returns>
    public IDisposable? TryEnter(string host)
    {
        var from = HostOf(host);
        var key = _places.ContainsKey(from) ? from : Others;
        lock (_lock)
        {
            var taken = _taken.GetValueOrDefault(key);
            if (taken < _places.GetValueOrDefault(key, ConnectionsMax))
            {
                _taken[key] = taken + 1;
                return new Place(this, key);
            }
        }

        if (_lines.TryTake())
        {
            LogFull(from);
        }

        return null;
    }

    // A socket for both kinds of addresses shows those of IPv4 as IPv6.
    private static string HostOf(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var address)
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
        : host;

    private void Leave(string key)
    {
        lock (_lock)
        {
            _taken[key]--;
        }
    }

    [LoggerMessage(EventId = 4007, Level = LogLevel.Warning, Message =
        "cluster: a connection of {Host:l} to Cluster:Address was closed: there are too many of its kind; nobody but nodes should reach that port")]
    private partial void LogFull(string host);

    [LoggerMessage(EventId = 4008, Level = LogLevel.Warning, Message = "cluster: {Connections} more connections to Cluster:Address were closed")]
    private partial void LogMore(long connections);

    private sealed class Place(PortDoor door, string key) : IDisposable
    {
        private int _isGone;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGone, 1) == 0)
            {
                door.Leave(key);
            }
        }
    }
}

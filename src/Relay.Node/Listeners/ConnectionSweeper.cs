using System.Collections.Concurrent;
using Relay.Actors.Pressure;

namespace Relay.Node.Listeners;

/// <summary>Looks at every open connection once a second, and tells the slow ones; tells all of them when the node drains.</summary>
/// <remarks>One timer for ten thousand connections, where a timer each would be garbage at every command.</remarks>
internal sealed class ConnectionSweeper : IDisposable
{
    private readonly ConcurrentDictionary<SmtpConnection, byte> _connections = new();
    private readonly TimeProvider _time;
    private readonly ConnectionTimes[] _times;
    private readonly IPressure _pressure;
    private readonly Func<PressureLevel> _crowding;
    private readonly ITimer _timer;
    private volatile bool _draining;

    /// <param name="time">The clock.</param>
    /// <param name="times">How long clients may take when there is room for all.</param>
    /// <param name="pressure">How hard the node is pressed.</param>
    /// <param name="crowding">Reads how little room for connections is left.</param>
    public ConnectionSweeper(TimeProvider time, ConnectionTimes times, IPressure pressure, Func<PressureLevel> crowding)
    {
        _time = time;
        _times = [.. Enum.GetValues<PressureLevel>().Select(level => times.Under(PressureTable.Of(level)))];
        _pressure = pressure;
        _crowding = crowding;
        _timer = time.CreateTimer(static sweeper => ((ConnectionSweeper)sweeper!).Sweep(), this, times.Sweep, times.Sweep);
    }

    /// <summary>True from the call of <see cref="Drain"/> on.</summary>
    public bool IsDraining => _draining;

    public void Add(SmtpConnection connection)
    {
        _connections.TryAdd(connection, 0);
        if (_draining)
        {
            connection.Drain();
        }
    }

    public void Remove(SmtpConnection connection) => _connections.TryRemove(connection, out _);

    /// <summary>Tells every connection to end: at once when it is between mails, else after the mail that it is in.</summary>
    public void Drain()
    {
        _draining = true;
        foreach (var (connection, _) in _connections)
        {
            connection.Drain();
        }
    }

    /// <summary>Tells every connection to end that is not in the content of a mail.</summary>
    public void Hurry()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Hurry();
        }
    }

    /// <summary>Cuts every connection that is still there.</summary>
    public void Cut()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Cut();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        var times = _times[Math.Max((int)_pressure.Level, (int)_crowding())];
        foreach (var (connection, _) in _connections)
        {
            connection.Judge(now, times);
        }
    }
}

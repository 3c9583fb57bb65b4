using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Listeners.Proxy;
using Relay.Node.Logging;
using Relay.Node.Penalties;

namespace Relay.Node.Listeners;

/// <summary>Counts the connections that are refused before any greeting, and has them written into the log.</summary>
internal sealed class RefusedConnections : IDisposable
{
    /// <summary>How often sums are looked at: a first refusal is in the log this late at the most.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>The node is overloaded.</summary>
    public const string ByPressure = "pressure";

    /// <summary>The names of all that refuses connections.</summary>
    public static readonly IReadOnlyList<string> Limits = [.. ConnectionGate.Limits, PenaltyBox.Rule, .. ProxyRefusals.All, ByPressure];

    private readonly RefusalTally _tally;
    private readonly RelayMetrics _metrics;
    private readonly SessionLog _log;
    private readonly ITimer _timer;

    public RefusedConnections(TimeProvider time, RelayMetrics metrics, SessionLog log)
    {
        _tally = new RefusalTally(time, Limits);
        _metrics = metrics;
        _log = log;
        _timer = time.CreateTimer(static refused => ((RefusedConnections)refused!).WriteDue(), this, LookInterval, LookInterval);
    }

    /// <summary>A connection was refused.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="limit">One of <see cref="Limits"/>, or the rule of a limit of the policy.</param>
    public void Add(IPAddress client, string limit)
    {
        _metrics.ConnectionRefused(limit);
        _tally.Add(limit, client);
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Write(_tally.TakeAll());
    }

    private void WriteDue() => Write(_tally.TakeDue());

    private void Write(IReadOnlyList<RefusalSum> sums)
    {
        foreach (var sum in sums)
        {
            _log.ConnectionsRefused(sum.Count, sum.Limit, sum.LastClient);
        }
    }
}

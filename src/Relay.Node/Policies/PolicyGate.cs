using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;
using Relay.Node.Authentication;
using Relay.Node.Cluster;
using Relay.Node.Composition;
using Relay.Node.Settings;

namespace Relay.Node.Policies;

/// <summary>Keeps the listeners closed until the cluster has said which policy holds and who its users are: a node that joins accepts nothing under older ones.</summary>
/// <remarks>Started in front of the listeners. A node that reaches nobody opens them after a while under its own copy, and says so.</remarks>
internal sealed class PolicyGate : IHostedService, IHealthNotices, IDisposable
{
    private readonly ClusterPolicy _policy;
    private readonly LoadedPolicy _start;
    private readonly ClusterUsers _users;
    private readonly UserLog _userLog;
    private readonly PolicyWait _wait;
    private readonly PolicyLog _log;
    private readonly NodeReadiness _readiness;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly bool _isAlone;

    public PolicyGate(
        MeterScope meters,
        NodeSettings settings,
        ClusterPolicy policy,
        LoadedPolicy start,
        ClusterUsers users,
        PolicyWait wait,
        PolicyLog log,
        UserLog userLog,
        NodeReadiness readiness,
        TimeProvider time)
    {
        _users = users;
        _userLog = userLog;
        _policy = policy;
        _start = start;
        _wait = wait;
        _log = log;
        _readiness = readiness;
        _time = time;
        // Nobody else can have another policy.
        _isAlone = settings.Cluster.Seeds.Count == 0;
        _meter = meters.Make();
        _meter.CreateObservableGauge(
            "relay_policy_stale", () => _policy.Stale is null ? 0 : 1, description: "1 while it is not known whether the policy in force is the cluster's newest one.");
    }

    public IEnumerable<string> Notices => new[] { _policy.Stale, _users.Stale }.OfType<string>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (!_isAlone && !_policy.IsConfirmed)
        {
            try
            {
                await _policy.WhenConfirmed.WaitAsync(_wait.Max, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException) when (_start.IsProvisional && _policy.Current.Version == 0)
            {
                // Whatever it would answer now might be wrong for good.
                _log.WaitsForCluster(_wait.Max.TotalSeconds);
            }
            catch (TimeoutException)
            {
                _log.OwnCopy(_policy.Current.Version, _wait.Max.TotalSeconds);
                break;
            }
        }

        await AwaitUsersAsync(_wait.Max - _time.GetElapsedTime(began), cancellationToken).ConfigureAwait(false);
        _readiness.Clear(NodeReadiness.PolicyLoaded);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    // They come from the same nodes at the same time: no wait of their own behind that for the policy.
    private async Task AwaitUsersAsync(TimeSpan left, CancellationToken cancellation)
    {
        if (_isAlone)
        {
            return;
        }

        try
        {
            await _users.WhenConfirmed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _userLog.OwnCopy(_users.Current.Version, _wait.Max.TotalSeconds);
        }
    }
}

/// <summary>How long a node that joins a cluster waits for its policy and its users.</summary>
internal sealed record PolicyWait
{
    /// <summary>Then it opens its listeners under its own copy. Default 15 seconds.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(15);
}

using Relay.Actors.Policy;
using Relay.Node.Settings;

namespace Relay.Node.Limits;

/// <summary>Keeps the listeners closed until the budgets of limits can be asked: before, who comes would be held to this node's share, which begins with next to nothing.</summary>
/// <remarks>Started behind the policy's gate and in front of the listeners. A node that reaches no budgets opens them after a while all the same.</remarks>
internal sealed partial class LimitGate(NodeSettings settings, PolicyAgent policy, LimitWait wait, TimeProvider time, ILogger<LimitGate> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!settings.Cluster.IsRelay || policy.Current.RateLimits.All.Count == 0)
        {
            return;
        }

        try
        {
            await policy.Limits.WhenAttached.WaitAsync(wait.Max, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            OpensWithout(wait.Max.TotalSeconds);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 4016, Level = LogLevel.Warning, Message =
        "limits: their budgets cannot be asked after {Seconds} s: the listeners open, and onLimitUnavailable decides until they can")]
    private partial void OpensWithout(double seconds);
}

/// <summary>How long a node that starts waits for the budgets of limits.</summary>
internal sealed record LimitWait
{
    /// <summary>Then it opens its listeners without. Default 10 seconds.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(10);
}

using Relay.Actors.Deliveries;
using Relay.Policy.Decisions;

namespace Relay.Actors.Destinations;

/// <content>When a message or a connection may be begun.</content>
public sealed partial class DestinationActor
{
    private DestinationRules Rules => _resources.Policy.Current.DestinationRulesOf(_key.Route);

    private long Clock => _resources.Time.GetElapsedTime(0).Ticks;

    /// <summary>Is there a message that may go now? Where it has to wait for the rate, a timer comes back to it.</summary>
    private bool MayBegin(DestinationRules rules)
    {
        if (_work.Count == 0)
        {
            return false;
        }

        var wait = _pace.WaitFor(rules, Clock);
        if (wait <= TimeSpan.Zero)
        {
            return true;
        }

        Timers.StartSingleTimer(PaceTimer, PaceDue.Instance, wait);
        return false;
    }

    private void OpenConnections(int allowed)
    {
        // As many at once as have been opened already: a site that says nothing for minutes is waited for by one connection, not by all.
        var openingMax = Math.Max(1, _pool.Count - _pool.Opening.Count);
        while (_pool.Count < allowed && _pool.Opening.Count < Math.Min(_work.Count, openingMax))
        {
            // It waits by itself: for its turn to look the site up, and until the node has a connection to spare.
            var connection = Context.ActorOf(DeliveryActor.PropsFor(_key, _queue, _resources, _isProven, _work.Flows));
            Context.Watch(connection);
            _pool.AddOpening(connection);
        }
    }

    private void OnReopened()
    {
        _openingPaused = false;
        Timers.Cancel(ReopenTimer);
    }

    private void PauseOpening()
    {
        _openingPaused = true;
        Timers.StartSingleTimer(ReopenTimer, ReopenDue.Instance, _limits.ReopenTime);
    }
}

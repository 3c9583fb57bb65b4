using Akka.Actor;
using Relay.Actors.Deliveries;
using Relay.Policy.Decisions;

namespace Relay.Actors.Destinations;

/// <content>When a message or a connection may be begun.</content>
public sealed partial class DestinationActor
{
    private DestinationRules Rules => _resources.Policy.Current.DestinationRulesOf(_key.Route);

    /// <summary>Is there a message that may go now? Where it has to wait for the rate, a timer comes back to it.</summary>
    private bool MayBegin(DestinationRules rules)
    {
        if (_work.Count == 0)
        {
            return false;
        }

        var wait = _pace.WaitFor(rules, _clock.Read());
        if (wait <= TimeSpan.Zero)
        {
            return true;
        }

        Timers.StartSingleTimer(PaceTimer, PaceDue.Instance, wait);
        return false;
    }

    private void OpenConnections(int allowed)
    {
        if (_pool.Ahead.Count > 0)
        {
            return; // the node has none to spare: others would only be looked up to wait behind it
        }

        // As many at once as have been opened already: a site that says nothing for minutes is waited for by one connection, not by all.
        var openingMax = Math.Max(1, _pool.Count - _pool.Opening.Count);
        while (_pool.Count < allowed && _pool.Opening.Count < Math.Min(_work.Count, openingMax))
        {
            // It waits by itself for its turn to look the site up.
            var place = new OutboundPlace(_resources.Slots);
            var connection = Context.ActorOf(DeliveryActor.PropsFor(_key, _queue, _resources, place, _work.Flows));
            Context.Watch(connection);
            _pool.AddOpening(connection, place);
        }
    }

    private void OnAhead()
    {
        _pool.SetAhead(Sender);
        Dispatch();
    }

    // A slot that is not used here must not be lost for those behind in the line.
    private void OnSlotDue()
    {
        _hasTakenSlot = false;
        Dispatch();
        if (!_hasTakenSlot)
        {
            _resources.Slots.PassOn();
        }
    }

    /// <summary>Takes slots for connections that know where to go. Those for which there is no work any more end: they would hold a slot for nothing.</summary>
    private void PlaceConnections()
    {
        while (_pool.Ahead.Count > 0)
        {
            if (_work.Count <= _pool.Opening.Count - _pool.Ahead.Count)
            {
                var surplus = _pool.Ahead[^1];
                _pool.Remove(surplus);
                Context.Stop(surplus);
            }
            else if (_pool.TryPlace(_isProven, _slotWaiter) is { } connection)
            {
                _hasTakenSlot = true;
                connection.Tell(DeliveryActor.Connect.Instance);
            }
            else
            {
                return; // one that is free wakes us
            }
        }
    }

    private void OnReopened()
    {
        _openingPaused = false;
        Timers.Cancel(ReopenTimer);
    }

    private void PauseOpening(TimeSpan time)
    {
        _openingPaused = true;
        Timers.StartSingleTimer(ReopenTimer, ReopenDue.Instance, time);
    }

    /// <summary>The site closed a connection and asked for patience: each time that it does so again before it takes a mail it is left alone twice as long.</summary>
    private void PauseLonger()
    {
        if (!_openingPaused) // those that were open at the same time are told the same
        {
            PauseOpening(_limits.PauseAfter(++_timesTurnedAway));
        }
    }
}

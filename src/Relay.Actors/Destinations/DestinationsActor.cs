using Akka.Actor;
using Relay.Actors.Deliveries;
using Relay.Messages.Destinations;

namespace Relay.Actors.Destinations;

/// <summary>Parent of the destinations: makes one when its first work is announced, and lets it go when it has been idle.</summary>
public sealed class DestinationsActor : ReceiveActor
{
    private readonly IActorRef _queue;
    private readonly DeliveryResources _resources;
    private readonly Dictionary<DestinationKey, IActorRef> _children = [];
    private readonly Dictionary<IActorRef, DestinationKey> _leaving = [];
    private readonly HashSet<DestinationKey> _announcedWhileLeaving = [];
    private long _made;
    private bool _draining;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public DestinationsActor(IActorRef queue, DeliveryResources resources)
    {
        _queue = queue;
        _resources = resources;
        Receive<DestinationMessages.WorkAvailable>(OnWorkAvailable);
        Receive<DestinationMessages.ReturnWork>(OnReturnWork);
        Receive<DestinationActor.Idle>(OnIdle);
        Receive<DestinationActor.Busy>(OnBusy);
        Receive<DestinationActor.Drain>(OnDrain);
        Receive<Terminated>(OnTerminated);
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(IActorRef queue, DeliveryResources resources) =>
        Props.Create(() => new DestinationsActor(queue, resources));

    /// <summary>A destination that fails is begun anew by the next announcement; what it held goes back to the queue's schedule.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void OnWorkAvailable(DestinationMessages.WorkAvailable work)
    {
        if (_draining)
        {
            return;
        }

        if (_leaving.ContainsValue(work.Destination))
        {
            _announcedWhileLeaving.Add(work.Destination);
            return;
        }

        if (!_children.TryGetValue(work.Destination, out var child))
        {
            // Names are numbered: a destination's own name has characters that a path may not have.
            child = Context.ActorOf(
                DestinationActor.PropsFor(work.Destination, _queue, _resources), $"destination-{_made++}");
            Context.Watch(child);
            _children.Add(work.Destination, child);
        }

        child.Tell(work);
    }

    // One that is leaving has nothing to give back.
    private void OnReturnWork(DestinationMessages.ReturnWork wish)
    {
        if (_children.TryGetValue(wish.Destination, out var child))
        {
            child.Tell(wish);
        }
    }

    private void OnIdle(DestinationActor.Idle idle)
    {
        if (_children.Remove(idle.Destination, out var child))
        {
            _leaving.Add(child, idle.Destination);
            child.Tell(DestinationActor.Leave.Instance);
        }
    }

    private void OnBusy(DestinationActor.Busy busy)
    {
        _leaving.Remove(Sender);
        _children.Add(busy.Destination, Sender);
        if (_announcedWhileLeaving.Remove(busy.Destination))
        {
            Sender.Tell(new DestinationMessages.WorkAvailable(busy.Destination));
        }
    }

    private void OnDrain(DestinationActor.Drain drain)
    {
        _draining = true;
        foreach (var child in Context.GetChildren())
        {
            child.Tell(drain);
        }

        StopWhenDrained();
    }

    private void StopWhenDrained()
    {
        if (_draining && _children.Count == 0 && _leaving.Count == 0)
        {
            Context.Stop(Self);
        }
    }

    private void OnTerminated(Terminated ended)
    {
        Forget(ended);
        StopWhenDrained();
    }

    private void Forget(Terminated ended)
    {
        if (_leaving.Remove(ended.ActorRef, out var left))
        {
            if (_announcedWhileLeaving.Remove(left))
            {
                OnWorkAvailable(new DestinationMessages.WorkAvailable(left));
            }

            return;
        }

        foreach (var (key, child) in _children)
        {
            if (child.Equals(ended.ActorRef))
            {
                _children.Remove(key);
                if (_draining)
                {
                    return;
                }

                _queue.Tell(new DestinationMessages.DestinationLost(key));
                return;
            }
        }
    }
}

using Akka.Actor;
using Relay.Actors.Bounces;
using Relay.Actors.Deliveries;
using Relay.Actors.Destinations;
using Relay.Actors.Intake;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Actors.Queues;
using Relay.Actors.Sessions;
using Relay.Actors.Sites;
using Relay.Messages.Destinations;
using Relay.Messages.Sessions;

namespace Relay.Actors;

/// <summary>The actors of the <c>mail</c> system. They live as long as the process; no cluster event touches them.</summary>
public sealed class MailSystem
{
    /// <summary>Parents of sessions on a node, so that none has too many children.</summary>
    public const int SessionParents = 16;

    /// <summary>Deliveries that are cut have this long to end, so that the queue learns of it.</summary>
    public static readonly TimeSpan CutTime = TimeSpan.FromSeconds(5);

    /// <summary>The queue's last notes are waited for this long at a stop.</summary>
    public static readonly TimeSpan QueueStopTime = TimeSpan.FromSeconds(10);

    private readonly IActorRef[] _sessions;
    private readonly IActorRef _destinations;
    private int _next;

    private MailSystem(ActorSystem system, IActorRef[] sessions, IActorRef queue, IActorRef destinations, IActorRef sites)
    {
        System = system;
        _destinations = destinations;
        _sessions = sessions;
        Queue = queue;
        Sites = sites;
    }

    /// <summary>The actor system itself.</summary>
    public ActorSystem System { get; }

    /// <summary>The queue: told of accepted messages, asked by operators.</summary>
    public IActorRef Queue { get; }

    /// <summary>Finds the next-hop sites of domains: <see cref="SiteMessages"/>.</summary>
    public IActorRef Sites { get; }

    /// <summary>Starts every actor; delivery begins at once.</summary>
    /// <param name="system">The local system named <see cref="ActorNames.MailSystem"/>.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="queue">The queue's index, filled by the spool's replay.</param>
    /// <param name="delivery">What deliveries work with.</param>
    /// <param name="siteResolver">Finds the sites of domains.</param>
    /// <param name="intakeLimits">The bounds of admission.</param>
    /// <param name="intake">Decides on admission.</param>
    /// <param name="bounces">What reports are made with.</param>
    public static MailSystem Start(
        ActorSystem system,
        PolicyAgent policy,
        QueueResources queue,
        DeliveryResources delivery,
        ISiteResolver siteResolver,
        IntakeLimits intakeLimits,
        IntakeLedger intake,
        BounceResources bounces)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(delivery);
        policy.Limits.Open(system.ActorOf(LimitDeskActor.PropsFor(policy.Limits), ActorNames.LimitDesk));
        var intakeActor = system.ActorOf(IntakeActor.PropsFor(intake, intakeLimits, delivery.Time), ActorNames.Intake);
        var queueActor = system.ActorOf(QueueActor.PropsFor(queue), ActorNames.Queue);
        var destinations = system.ActorOf(DestinationsActor.PropsFor(queueActor, delivery), ActorNames.Destinations);
        var sites = system.ActorOf(SitesActor.PropsFor(siteResolver, policy, new SiteLimits(), delivery.Time), ActorNames.Sites);
        var bounceActor = system.ActorOf(BounceActor.PropsFor(queueActor, bounces), ActorNames.Bounces);
        queueActor.Tell(new QueueActor.Start(destinations, sites, bounceActor));
        var sessions = new IActorRef[SessionParents];
        for (var i = 0; i < sessions.Length; i++)
        {
            sessions[i] = system.ActorOf(SessionsActor.PropsFor(policy, intakeActor), $"{ActorNames.Sessions}-{i}");
        }

        return new MailSystem(system, sessions, queueActor, destinations, sites);
    }

    /// <summary>Has a session made for a connection's first mail; the answer names it.</summary>
    public void OpenSession(SessionMessages.MailRequested first)
    {
        var index = (uint)Interlocked.Increment(ref _next) % SessionParents;
        _sessions[index].Tell(first);
    }

    /// <summary>Lets every delivery that is on come to its end, and begins no other; the queue goes on taking and showing mail.</summary>
    /// <param name="within">Deliveries that take longer are cut, and made again after the next start.</param>
    public async Task DrainAsync(TimeSpan within)
    {
        if (!await StopAsync(_destinations, DestinationActor.Drain.Instance, within).ConfigureAwait(false))
        {
            System.Stop(_destinations);
            await StopAsync(_destinations, PoisonPill.Instance, CutTime).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the queue once it has taken note of all that it was told.</summary>
    public Task StopQueueAsync() => StopAsync(Queue, PoisonPill.Instance, QueueStopTime);

    /// <returns>False when it has not ended in time; the system's termination, which follows, stops it all the same.</returns>
    private static async Task<bool> StopAsync(IActorRef actor, object message, TimeSpan within)
    {
        try
        {
            return await actor.GracefulStop(within, message).ConfigureAwait(false);
        }
        catch (TaskCanceledException)
        {
            return false;
        }
    }
}

using Relay.Messages.Destinations;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>Brings what is due to its site, and keeps sites that cannot be reached, or are not to be, from being tried.</summary>
/// <remarks>An outage costs a timer and a failure counter for the site as a whole: no message is touched, nothing is written.</remarks>
internal sealed class SiteControl
{
    private readonly RoutingTable _routes;
    private readonly QueueSchedule _schedule;
    private readonly QueueEffects _effects;
    private readonly QueueLimits _limits;
    private readonly Func<double> _chance;

    public SiteControl(RoutingTable routes, QueueSchedule schedule, QueueEffects effects, QueueLimits limits, Func<double> chance)
    {
        _routes = routes;
        _schedule = schedule;
        _effects = effects;
        _limits = limits;
        _chance = chance;
    }

    /// <summary>The group is due: into its site's backlog, or with its lane until the site is known.</summary>
    public void MakeReady(RecipientGroup group, Moment at)
    {
        if (group.Place == GroupPlace.Ready)
        {
            return;
        }

        group.Place = GroupPlace.Ready;
        var lane = group.Lane;
        Route(lane, at, group);
        if (lane.Site is { } site)
        {
            site.Ready.Enqueue(group);
            Offer(site);
        }
        else
        {
            lane.Pending.Enqueue(group);
        }
    }

    /// <summary>Has the destination told when there is something for it and it does not know.</summary>
    public void Offer(SiteBacklog site)
    {
        if (site.IsHungry && site.Ready.Count > site.Stale && !site.IsShut && !site.IsProbed)
        {
            site.IsHungry = false;
            _effects.Announcements.Add(site.Key);
        }
    }

    /// <summary>The look-up of a domain's site has ended.</summary>
    /// <returns>Groups that have failed with the answer's failure; empty in every other case.</returns>
    public IReadOnlyList<RecipientGroup> Resolved(SiteMessages.SiteResolved answer, Moment at)
    {
        if (_routes.FindLane(answer.Domain) is not { IsResolving: true } lane)
        {
            return [];
        }

        lane.IsResolving = false;
        lane.LastFailure = answer.Failure;
        if (_routes.RouteOf(lane.Domain, at.Policy) is not null)
        {
            lane.PolicyVersion = -1; // the policy has got a route for it meanwhile
            Route(lane, at);
        }
        else if (answer.Site is { } key)
        {
            lane.Failures = 0;
            lane.ValidUntil = at.Now + answer.ValidFor;
            MoveTo(lane, key, at);
        }
        else if (answer.Failure!.Kind == OutcomeKind.Deferred)
        {
            lane.Failures++;
            lane.RetryAt = at.Now + _limits.ParkTime(lane.Failures, at.Delivery.Retry, _chance());
            lane.ValidUntil = lane.RetryAt; // a site that is known already goes on being used
            _schedule.AddLookup(lane, lane.RetryAt);
        }
        else
        {
            lane.Failures = 0;
            lane.ValidUntil = at.Now + answer.ValidFor;
            return TakePending(lane);
        }

        return [];
    }

    /// <summary>The site as a whole could not be reached: it is left alone for a while, then tried with one message.</summary>
    public void Failed(SiteBacklog site, RecipientOutcome failure, string? nextHop, Moment at)
    {
        site.Failures++;
        site.IsHungry = true; // its destination pulls no more until it is told, however much it was given the last time
        site.LastFailure = failure;
        site.LastNextHop = nextHop;
        site.LastFailureAt = Fates.ToMilliseconds(at.Now);
        site.ParkedUntil = at.Now + _limits.ParkTime(site.Failures, at.Delivery.Retry, _chance());
        _schedule.AddWake(site, site.ParkedUntil.Value);
        foreach (var lane in site.Lanes.ToArray())
        {
            Route(lane, at); // its mail may have moved: the old host is gone, the records are new
        }
    }

    /// <summary>The site has answered: it is as good as any other.</summary>
    public void Reached(SiteBacklog site)
    {
        if (site.Failures > 0)
        {
            site.Failures = 0;
            site.LastFailure = null;
            site.ParkedUntil = null;
            Offer(site);
        }
    }

    /// <summary>An attempt has ended, or was not begun.</summary>
    public void Ended(SiteBacklog site)
    {
        site.InFlight--;
        Offer(site);
        _routes.ForgetIfUnused(site);
    }

    /// <summary>Nothing is begun until then, by an operator's wish.</summary>
    public void Pause(SiteBacklog site, DateTimeOffset until, string reason)
    {
        site.PausedUntil = until;
        site.PauseReason = reason;
        _schedule.AddWake(site, until);
        Recall(site);
    }

    /// <summary>Has the destination give back what it was handed and has not begun.</summary>
    public void Recall(SiteBacklog site) => _effects.Recalls.Add(site.Key);

    /// <summary>An operator ends a pause and a parking.</summary>
    public void Resume(SiteBacklog site)
    {
        site.PausedUntil = null;
        site.PauseReason = null;
        Unpark(site);
        _routes.ForgetIfUnused(site);
    }

    /// <summary>The site is tried at once, with one message.</summary>
    public void Unpark(SiteBacklog site)
    {
        site.ParkedUntil = null;
        Offer(site);
    }

    /// <summary>Routes mail that waits by a new policy.</summary>
    public void Follow(Moment at)
    {
        foreach (var lane in _routes.Lanes.Where(static lane => lane.Groups > 0).ToArray())
        {
            Route(lane, at);
        }
    }

    /// <summary>Ends parkings, pauses and waits for name servers that are over.</summary>
    public void Advance(Moment at)
    {
        while (_schedule.TryTakeWake(at.Now, out var site))
        {
            site.ParkedUntil = site.ParkedUntil > at.Now ? site.ParkedUntil : null;
            if (site.PausedUntil <= at.Now)
            {
                site.PausedUntil = null;
                site.PauseReason = null;
            }

            Offer(site);
            _routes.ForgetIfUnused(site);
        }

        while (_schedule.TryTakeLookup(at.Now, out var lane))
        {
            if (lane.Groups > 0)
            {
                Route(lane, at);
            }
        }
    }

    /// <summary>A message is gone whose group stands in a backlog: when most of a backlog is such, it is cleaned.</summary>
    public void Abandon(RecipientGroup group)
    {
        if (group.Place != GroupPlace.Ready)
        {
            return;
        }

        var lane = group.Lane;
        if (lane.Site is not { } site)
        {
            return; // it is passed over when the site is known
        }

        site.Stale++;
        if (site.Stale > 64 && site.Stale > site.Ready.Count / 2)
        {
            site.Ready.RemoveAll(static entry => entry.Message.IsGone).ForEach(static entry => entry.Place = GroupPlace.Nowhere);
            site.Stale = 0;
        }

        _routes.ForgetIfUnused(site);
    }

    /// <summary>Finds the lane's site anew when the policy has changed or the answer has become old, and asks for it when it is found by MX.</summary>
    private void Route(DomainLane lane, Moment at, RecipientGroup? cause = null)
    {
        if (lane.PolicyVersion != at.Policy.Version)
        {
            lane.PolicyVersion = at.Policy.Version;
            if (_routes.RouteOf(lane.Domain, at.Policy) is { } key)
            {
                lane.ValidUntil = DateTimeOffset.MaxValue;
                MoveTo(lane, key, at);
                return;
            }

            lane.ValidUntil = DateTimeOffset.MinValue;
            if (lane.Site is { Key.Route: not null } left)
            {
                // Not to a host that the policy does not name any more.
                TakeReady(lane, left).ForEach(lane.Pending.Enqueue);
                _routes.Detach(lane);
            }
        }

        if (lane.IsResolving ? lane.IsAskedPatiently : at.Now >= lane.ValidUntil && at.Now >= lane.RetryAt)
        {
            Ask(lane, cause);
        }
    }

    private void Ask(DomainLane lane, RecipientGroup? cause)
    {
        var message = (cause ?? lane.Pending.FirstOrDefault() ?? lane.Newest)?.Message;
        var mayWait = message is not { Sender.Length: > 0 } || lane.Failures > 0 || lane.Site is not null;
        if (!lane.IsResolving || !mayWait)
        {
            lane.IsResolving = true;
            lane.IsAskedPatiently = mayWait;
            _effects.Lookups.Add(new SiteMessages.ResolveSite(lane.Domain, message?.Flow ?? "", mayWait));
        }
    }

    private void MoveTo(DomainLane lane, DestinationKey key, Moment at)
    {
        var moved = lane.Site is { } old && !old.Key.Equals(key) ? TakeReady(lane, old) : [];
        var site = _routes.Attach(lane, key);
        foreach (var group in moved.Concat(TakePending(lane)))
        {
            if (!group.Message.IsGone)
            {
                site.Ready.Enqueue(group);
            }
        }

        Offer(site);
    }

    private static List<RecipientGroup> TakeReady(DomainLane lane, SiteBacklog site)
    {
        // One that has set out with another of its message, or stands here again since, is counted once or not at all.
        List<RecipientGroup> taken = [.. site.Ready.RemoveAll(group => group.Lane == lane).Where(static group => group.Place == GroupPlace.Ready).Distinct()];
        site.Stale -= taken.Count(static group => group.Message.IsGone);
        return taken;
    }

    private static List<RecipientGroup> TakePending(DomainLane lane)
    {
        var pending = lane.Pending.ToList();
        lane.Pending.Clear();
        lane.Pending.TrimExcess();
        return pending;
    }
}

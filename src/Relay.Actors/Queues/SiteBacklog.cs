using Relay.Messages.Destinations;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>One next-hop site: what is due there, and whether it may be given any.</summary>
internal sealed class SiteBacklog
{
    private SiteTally? _tally;

    /// <param name="key">Its name.</param>
    /// <param name="tally">Counts it until it is forgotten.</param>
    public SiteBacklog(DestinationKey key, SiteTally tally)
    {
        Key = key;
        _tally = tally;
        tally.Add(Condition);
    }

    public DestinationKey Key { get; }

    /// <summary>Due now; what has set out with another group of its message is passed over.</summary>
    public FairQueue Ready { get; } = new();

    /// <summary>Entries of <see cref="Ready"/> that will be passed over: their messages are gone.</summary>
    public int Stale { get; set; }

    /// <summary>Domains that it serves.</summary>
    public HashSet<DomainLane> Lanes { get; } = [];

    /// <summary>Groups handed out whose attempt has not ended.</summary>
    public int InFlight { get; set; }

    /// <summary>True while the destination has been told that there is nothing more, so that the next message must be announced.</summary>
    public bool IsHungry { get; set; } = true;

    /// <summary>How often in a row it could not be reached.</summary>
    public int Failures { get; set; }

    /// <summary>Left alone until then, because it could not be reached; null when it is not parked.</summary>
    public DateTimeOffset? ParkedUntil
    {
        get;
        set => Recount(ref field, value);
    }

    /// <summary>Why it could not be reached the last time; null once it could again.</summary>
    public RecipientOutcome? LastFailure { get; set; }

    /// <summary>Who was tried then.</summary>
    public string? LastNextHop { get; set; }

    /// <summary>When that was.</summary>
    public DateTimeOffset LastFailureAt { get; set; }

    /// <summary>Left alone until then by an operator's wish; null when it is not paused.</summary>
    public DateTimeOffset? PausedUntil
    {
        get;
        set => Recount(ref field, value);
    }

    /// <summary>The operator's words.</summary>
    public string? PauseReason { get; set; }

    /// <summary>As it is counted and shown: a pause hides a parking.</summary>
    public SiteCondition Condition =>
        PausedUntil is not null ? SiteCondition.Paused : ParkedUntil is not null ? SiteCondition.Parked : SiteCondition.Active;

    /// <summary>Nothing may be begun now.</summary>
    public bool IsShut => Condition != SiteCondition.Active;

    /// <summary>A site that has failed is tried with one message; until that has come through it gets no other.</summary>
    public bool IsProbed => Failures > 0 && InFlight > 0;

    /// <summary>Nothing refers to it and nothing is to be remembered of it.</summary>
    public bool IsForgettable => Lanes.Count == 0 && Ready.Count == Stale && InFlight == 0 && PausedUntil is null;

    /// <summary>It is no site of the queue any more, whoever still refers to it.</summary>
    public void Forget()
    {
        _tally?.Remove(Condition);
        _tally = null;
    }

    private void Recount(ref DateTimeOffset? until, DateTimeOffset? value)
    {
        _tally?.Remove(Condition);
        until = value;
        _tally?.Add(Condition);
    }
}

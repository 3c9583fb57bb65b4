using System.Collections.Immutable;

namespace Relay.Actors.Queues;

/// <summary>Where a group of recipients stands in the schedule.</summary>
internal enum GroupPlace
{
    /// <summary>Nowhere: in flight, held or done.</summary>
    Nowhere,

    /// <summary>In the schedule of later attempts.</summary>
    Later,

    /// <summary>Due: in its site's backlog, or with its lane while the site is not known.</summary>
    Ready,
}

/// <summary>The recipients of one message in one domain: what is scheduled together; it travels together, and with others of the message at the same site.</summary>
/// <remarks>It stands in one place at most; what an earlier place still holds of it is passed over there.</remarks>
internal sealed class RecipientGroup
{
    public static readonly ImmutableArray<int> FirstAlone = [0];

    public RecipientGroup(QueuedMessage message, DomainLane lane)
    {
        Message = message;
        Lane = lane;
    }

    public QueuedMessage Message { get; }

    public DomainLane Lane { get; }

    /// <summary>Their places in the envelope, ascending.</summary>
    public ImmutableArray<int> Members { get; set; }

    public GroupPlace Place { get; set; }

    /// <summary>When it becomes due; meaningful while it is in the schedule of later attempts.</summary>
    public DateTimeOffset LaterDue { get; set; }

    /// <summary>The site that it was handed out to and whose attempt is on, or null.</summary>
    public SiteBacklog? Carrier { get; set; }

    /// <summary>Its share of a destination costs this: its octets, and as much again as a small message costs in commands and waiting.</summary>
    public long Cost => Message.Size + FairQueue.CostOfMessage;
}

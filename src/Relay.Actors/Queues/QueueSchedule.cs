using System.Diagnostics.CodeAnalysis;

namespace Relay.Actors.Queues;

/// <summary>Everything that time brings about: later attempts, ages of messages, ends of parking and pausing, look-ups to repeat.</summary>
/// <remarks>Entries that have been overtaken by events stay until they are due and are passed over then; whoever takes one out checks it.</remarks>
internal sealed class QueueSchedule
{
    private readonly PriorityQueue<RecipientGroup, DateTimeOffset> _later = new();
    private readonly PriorityQueue<SiteBacklog, DateTimeOffset> _wakes = new();
    private readonly PriorityQueue<DomainLane, DateTimeOffset> _lookups = new();
    private readonly SortedSet<QueuedMessage> _ages = new(Comparer<QueuedMessage>.Create(static (a, b) =>
        a.AgeDue != b.AgeDue ? a.AgeDue.CompareTo(b.AgeDue) : a.Id.CompareTo(b.Id)));

    /// <summary>When the next entry is due, or null.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            var next = _ages.Min?.AgeDue;
            Earlier(_later, ref next);
            Earlier(_wakes, ref next);
            Earlier(_lookups, ref next);
            return next;
        }
    }

    /// <summary>The group is due then, unless it finds another place before.</summary>
    public void AddLater(RecipientGroup group, DateTimeOffset due)
    {
        group.Place = GroupPlace.Later;
        group.LaterDue = due;
        _later.Enqueue(group, due);
    }

    public bool TryTakeLater(DateTimeOffset now, [NotNullWhen(true)] out RecipientGroup? group)
    {
        while (_later.TryPeek(out group, out var due) && due <= now)
        {
            _later.Dequeue();
            if (group.Place == GroupPlace.Later && group.LaterDue == due && !group.Message.IsGone)
            {
                group.Place = GroupPlace.Nowhere;
                return true;
            }
        }

        group = null;
        return false;
    }

    /// <summary>The site is to be looked at then.</summary>
    public void AddWake(SiteBacklog site, DateTimeOffset due) => _wakes.Enqueue(site, due);

    public bool TryTakeWake(DateTimeOffset now, [NotNullWhen(true)] out SiteBacklog? site) => TryTake(_wakes, now, out site);

    /// <summary>The lane's site is to be asked for again then.</summary>
    public void AddLookup(DomainLane lane, DateTimeOffset due) => _lookups.Enqueue(lane, due);

    public bool TryTakeLookup(DateTimeOffset now, [NotNullWhen(true)] out DomainLane? lane) => TryTake(_lookups, now, out lane);

    /// <summary>The message's age changes something then; null: never.</summary>
    public void SetAge(QueuedMessage message, DateTimeOffset? due)
    {
        if (message.IsInAges && message.AgeDue == due)
        {
            return;
        }

        if (message.IsInAges)
        {
            _ages.Remove(message);
        }

        message.IsInAges = due is not null;
        if (due is { } time)
        {
            message.AgeDue = time;
            _ages.Add(message);
        }
    }

    public bool TryTakeAge(DateTimeOffset now, [NotNullWhen(true)] out QueuedMessage? message)
    {
        message = _ages.Min;
        if (message is null || message.AgeDue > now)
        {
            return false;
        }

        SetAge(message, null);
        return true;
    }

    private static bool TryTake<T>(PriorityQueue<T, DateTimeOffset> queue, DateTimeOffset now, [NotNullWhen(true)] out T? item)
        where T : class
    {
        if (queue.TryPeek(out item, out var due) && due <= now)
        {
            queue.Dequeue();
            return true;
        }

        item = null;
        return false;
    }

    private static void Earlier<T>(PriorityQueue<T, DateTimeOffset> queue, ref DateTimeOffset? next)
    {
        if (queue.TryPeek(out _, out var due) && (next is null || due < next))
        {
            next = due;
        }
    }
}

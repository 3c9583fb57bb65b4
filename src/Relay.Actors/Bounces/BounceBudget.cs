namespace Relay.Actors.Bounces;

/// <summary>Counts reports against their limits, by the generic cell rate algorithm: one time for each sender, domain and the node. Pure.</summary>
internal sealed class BounceBudget(BounceLimits limits)
{
    // When the key's budget is full again: a report moves it by the time that one report takes of the rate.
    private readonly Dictionary<string, DateTimeOffset> _full = new(StringComparer.OrdinalIgnoreCase);
    private DateTimeOffset _nodeFull = DateTimeOffset.MinValue;

    /// <summary>Senders and domains that are counted now.</summary>
    public int Tracked => _full.Count;

    /// <summary>Takes one report to a sender, or says when to ask again.</summary>
    /// <param name="sender">An address; not the null path.</param>
    /// <param name="isStrangers">The mail came from a client that neither logged in nor may relay: anyone can name any sender.</param>
    /// <param name="now">The time.</param>
    /// <returns>Zero when it was taken; else how long a limit is used up.</returns>
    public TimeSpan TryTake(string sender, bool isStrangers, DateTimeOffset now)
    {
        int Burst(int burst) => isStrangers ? Math.Max(1, burst * limits.StrangersPercent / 100) : burst;
        var domain = sender[sender.LastIndexOf('@')..]; // with its @, so that it is nobody's address
        var hasRoom = _full.ContainsKey(sender) || MakeRoom(now);
        var wait = Longest(
            hasRoom ? Wait(FullAt(sender), limits.PerSender, Burst(limits.SenderBurst), now) : TimeSpan.Zero,
            Wait(FullAt(domain), limits.PerDomain, Burst(limits.DomainBurst), now),
            Wait(_nodeFull, limits.PerNode, Burst(limits.NodeBurst), now));
        if (wait > TimeSpan.Zero)
        {
            return wait;
        }

        if (hasRoom)
        {
            _full[sender] = Moved(FullAt(sender), limits.PerSender, now);
        }

        _full[domain] = Moved(FullAt(domain), limits.PerDomain, now);
        _nodeFull = Moved(_nodeFull, limits.PerNode, now);
        return TimeSpan.Zero;
    }

    private DateTimeOffset FullAt(string key) => _full.GetValueOrDefault(key, DateTimeOffset.MinValue);

    private static TimeSpan Wait(DateTimeOffset full, int perHour, int burst, DateTimeOffset now) =>
        Moved(full, perHour, now) - now - (Step(perHour) * burst);

    private static DateTimeOffset Moved(DateTimeOffset full, int perHour, DateTimeOffset now) => (full > now ? full : now) + Step(perHour);

    private static TimeSpan Step(int perHour) => TimeSpan.FromHours(1) / perHour;

    private static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => new(Math.Max(a.Ticks, Math.Max(b.Ticks, c.Ticks)));

    /// <summary>Two keys may be added for a sender: room for both, or none for the sender.</summary>
    private bool MakeRoom(DateTimeOffset now)
    {
        if (_full.Count + 2 <= limits.TrackedMax)
        {
            return true;
        }

        foreach (var (key, full) in _full)
        {
            if (full <= now)
            {
                _full.Remove(key);
            }
        }

        return _full.Count + 2 <= limits.TrackedMax;
    }
}

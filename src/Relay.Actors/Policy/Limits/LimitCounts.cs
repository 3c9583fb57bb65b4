using System.Collections.Concurrent;

namespace Relay.Actors.Policy.Limits;

/// <summary>What limits have done on this node since it started. Thread-safe.</summary>
public sealed class LimitCounts
{
    private readonly ConcurrentDictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private long _hits;
    private long _misses;
    private long _timeouts;
    private long _requests;

    /// <summary>Mails, recipients and connections that were decided on by what the node holds.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Those for which a budget had to be asked.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Requests that no budget answered in time.</summary>
    public long Timeouts => Interlocked.Read(ref _timeouts);

    /// <summary>Requests sent to budgets.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Refusals by each limit's name. Names are few: those of policies that were in force.</summary>
    public IReadOnlyCollection<KeyValuePair<string, long>> Refusals => _refusals;

    /// <summary>A limit of the policy exists: its series begins at 0.</summary>
    public void Known(string limit) => _refusals.TryAdd(limit, 0);

    internal void Looked(bool isHit)
    {
        if (isHit)
        {
            Interlocked.Increment(ref _hits);
        }
        else
        {
            Interlocked.Increment(ref _misses);
        }
    }

    internal void TimedOut() => Interlocked.Increment(ref _timeouts);

    internal void Requested() => Interlocked.Increment(ref _requests);

    internal void Refused(string limit) => _refusals.AddOrUpdate(limit, 1, static (_, count) => count + 1);
}

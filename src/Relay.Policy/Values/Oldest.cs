namespace Relay.Policy.Values;

/// <summary>What gives way when a bounded memory is full.</summary>
public static class Oldest
{
    /// <summary>The part that gives way at a time, one in so many: whoever makes room must not look at all that is there for each newcomer.</summary>
    public const int Part = 10;

    /// <summary>Those that give way, as a copy: one <see cref="Part"/> of the bound, one at the least.</summary>
    /// <param name="entries">What is there.</param>
    /// <param name="max">The bound.</param>
    /// <param name="age">When an entry was made or used, or ends, in any unit: the smallest gives way first.</param>
    public static KeyValuePair<TKey, TValue>[] Of<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> entries, int max, Func<TValue, long> age) =>
        [.. entries.OrderBy(entry => age(entry.Value)).Take(Math.Max(1, max / Part))];
}

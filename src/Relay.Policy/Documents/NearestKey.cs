namespace Relay.Policy.Documents;

/// <summary>Finds the key that somebody who mistyped one most likely meant.</summary>
public static class NearestKey
{
    /// <summary>Longest key compared, in characters: anything longer is no slip of the finger.</summary>
    public const int LengthMax = 64;

    /// <summary>What to tell somebody who wrote <paramref name="key"/>: the nearest valid one as a question, else what is to be said of them all.</summary>
    /// <param name="key">The key as written.</param>
    /// <param name="valid">The keys that are valid in its place.</param>
    /// <param name="otherwise">Said when none is near enough.</param>
    public static string Hint(string key, IEnumerable<string> valid, string otherwise) =>
        Find(key, valid) is { } nearest ? $"did you mean {nearest}?" : otherwise;

    /// <summary>The valid key nearest to <paramref name="key"/>, or null when none is near enough to be worth naming.</summary>
    /// <remarks>
    /// Counts insertions, deletions, substitutions and swapped neighbours, without regard to case; a third of the longer word may differ.
    /// Of equally near keys the first wins.
    /// </remarks>
    /// <param name="key">The key as written.</param>
    /// <param name="valid">The keys that are valid in its place.</param>
    public static string? Find(string key, IEnumerable<string> valid)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(valid);
        if (key.Length is 0 or > LengthMax)
        {
            return null;
        }

        string? nearest = null;
        var nearestDistance = int.MaxValue;
        foreach (var candidate in valid)
        {
            if (candidate.Length is 0 or > LengthMax)
            {
                continue;
            }

            var distance = Distance(key, candidate);
            if (distance <= Math.Max(key.Length, candidate.Length) / 3 && distance < nearestDistance)
            {
                (nearest, nearestDistance) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>Optimal string alignment: three rows of the usual table, because a swap looks back two.</summary>
    private static int Distance(string left, string right)
    {
        Span<int> rows = stackalloc int[3 * (LengthMax + 1)];
        var beforeLast = rows[..(LengthMax + 1)];
        var last = rows.Slice(LengthMax + 1, LengthMax + 1);
        var current = rows[(2 * (LengthMax + 1))..];
        for (var j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(last[j] + 1, current[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
                }
            }

            var free = beforeLast;
            beforeLast = last;
            last = current;
            current = free;
        }

        return last[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}

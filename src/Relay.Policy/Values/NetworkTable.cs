using System.Net;

namespace Relay.Policy.Values;

/// <summary>Finds the most specific of many networks that holds an address: a binary search, without allocation.</summary>
/// <remarks>
/// Networks in CIDR notation either nest or lie apart, so they cut the addresses into intervals, and in each of them one network is the
/// most specific. The table holds the intervals' first addresses in order; most tables are a handful of entries.
/// </remarks>
internal sealed class NetworkTable<T>
    where T : class
{
    private readonly Intervals _ipv4;
    private readonly Intervals _ipv6;

    /// <summary>Builds a table. A range that comes twice counts once, with its first value.</summary>
    public NetworkTable(IReadOnlyList<NetworkRange> ranges, Func<NetworkRange, T> value)
        : this(ranges, (range, _) => value(range))
    {
    }

    /// <summary>Builds a table whose values depend on the range around: its value, or null for an outermost range.</summary>
    public NetworkTable(IReadOnlyList<NetworkRange> ranges, Func<NetworkRange, T?, T> value)
    {
        _ipv4 = Intervals.Build(ranges, isIPv4: true, value);
        _ipv6 = Intervals.Build(ranges, isIPv4: false, value);
    }

    /// <summary>The value of the most specific range that holds the address; null when none does, or for no address.</summary>
    public T? Find(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        var number = NetworkRange.ToNumber(address, out var isIPv4);
        return Find(number, isIPv4);
    }

    /// <summary>As <see cref="Find(IPAddress)"/>, for an address that is a number already.</summary>
    public T? Find(UInt128 number, bool isIPv4) => (isIPv4 ? _ipv4 : _ipv6).Find(number);

    private sealed class Intervals
    {
        private readonly UInt128[] _starts;
        private readonly T?[] _values;

        private Intervals(UInt128[] starts, T?[] values)
        {
            _starts = starts;
            _values = values;
        }

        public T? Find(UInt128 number)
        {
            var index = Array.BinarySearch(_starts, number);
            index = index < 0 ? ~index - 1 : index;
            return index < 0 ? null : _values[index];
        }

        public static Intervals Build(IReadOnlyList<NetworkRange> ranges, bool isIPv4, Func<NetworkRange, T?, T> value)
        {
            var sorted = ranges.Where(range => range.IsIPv4 == isIPv4).Distinct().ToArray();
            Array.Sort(sorted, WiderFirst);
            var builder = new Builder();
            var open = new Stack<(UInt128 Last, T Value)>();
            foreach (var range in sorted)
            {
                CloseBefore(range.First, open, builder);
                var entry = (range.Last, value(range, open.Count > 0 ? open.Peek().Value : null));
                open.Push(entry);
                builder.From(range.First, entry.Item2);
            }

            while (open.Count > 0)
            {
                Close(open, builder);
            }

            return new Intervals([.. builder.Starts], [.. builder.Values]);
        }

        private static void CloseBefore(UInt128 first, Stack<(UInt128 Last, T Value)> open, Builder builder)
        {
            while (open.Count > 0 && open.Peek().Last < first)
            {
                Close(open, builder);
            }
        }

        /// <summary>Behind the end of the innermost range its parent is the most specific again. Nothing is behind the last address of
        /// all.</summary>
        private static void Close(Stack<(UInt128 Last, T Value)> open, Builder builder)
        {
            var (last, _) = open.Pop();
            if (last != UInt128.MaxValue)
            {
                builder.From(last + 1, open.Count > 0 ? open.Peek().Value : null);
            }
        }

        private static int WiderFirst(NetworkRange left, NetworkRange right)
        {
            var byStart = left.First.CompareTo(right.First);
            return byStart != 0 ? byStart : left.PrefixLength.CompareTo(right.PrefixLength);
        }
    }

    private sealed class Builder
    {
        public List<UInt128> Starts { get; } = [];

        public List<T?> Values { get; } = [];

        /// <summary>From this address on the value holds; a second call for one address replaces the first.</summary>
        public void From(UInt128 start, T? value)
        {
            if (Starts.Count > 0 && Starts[^1] == start)
            {
                Values[^1] = value;
                return;
            }

            Starts.Add(start);
            Values.Add(value);
        }
    }
}

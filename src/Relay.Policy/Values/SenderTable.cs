using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>Finds the first of many sender patterns in order that matches a sender, without allocation.</summary>
internal sealed class SenderTable<T>
    where T : class
{
    private readonly Dictionary<string, Ordered<T>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly OrderedDomainTable<T> _domains = new();

    /// <summary>Builds a table. A pattern that comes twice counts once, with its first value.</summary>
    public SenderTable(IEnumerable<KeyValuePair<SenderPattern, T>> entries)
    {
        Span<char> buffer = stackalloc char[SenderKey.LengthMax];
        var order = 0;
        foreach (var (pattern, value) in entries)
        {
            var entry = new Ordered<T>(order++, value);
            if (pattern.Address is { } address)
            {
                _addresses.TryAdd(SenderKey.Write(address, buffer).ToString(), entry);
            }
            else
            {
                _domains.Add(pattern.Domain!, entry);
            }
        }

        Count = order;
    }

    /// <summary>How many patterns the table was built of.</summary>
    public int Count { get; }

    /// <summary>The value of the first pattern that matches; null when none does, and always for a path without a domain.</summary>
    public T? Find(MailPath sender)
    {
        if (Count == 0 || sender.Domain is not { } domain)
        {
            return null;
        }

        var first = _domains.Find(domain);
        if (_addresses.Count > 0)
        {
            Span<char> buffer = stackalloc char[SenderKey.LengthMax];
            var key = SenderKey.Write(sender, buffer);
            if (_addresses.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var address))
            {
                first = Ordered<T>.First(first, address);
            }
        }

        return first?.Value;
    }
}

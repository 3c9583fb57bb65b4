using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>Finds the first of many domain patterns in order that matches a domain: one look-up a label, without allocation.</summary>
internal sealed class OrderedDomainTable<T>
    where T : class
{
    private readonly Dictionary<string, Ordered<T>> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Ordered<T>> _below = new(StringComparer.Ordinal);

    /// <summary>Adds a pattern, but never <c>*</c>. One that is there already keeps its value.</summary>
    public void Add(DomainPattern pattern, Ordered<T> value) =>
        (pattern.Kind == DomainPatternKind.Exact ? _exact : _below).TryAdd(pattern.Domain!.Name, value);

    /// <summary>The value of the pattern with the lowest order that matches; null when none does. Address literals match none.</summary>
    public Ordered<T>? Find(MailDomain domain)
    {
        if (domain.Literal is not null || _exact.Count + _below.Count == 0)
        {
            return null;
        }

        var first = _exact.GetValueOrDefault(domain.Name);
        var below = _below.GetAlternateLookup<ReadOnlySpan<char>>();
        var name = domain.Name.AsSpan();
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.'))
        {
            name = name[(dot + 1)..];
            if (below.TryGetValue(name, out var value))
            {
                first = Ordered<T>.First(first, value);
            }
        }

        return first;
    }
}

/// <summary>A value of an ordered list.</summary>
/// <param name="Order">Its place, from 0.</param>
/// <param name="Value">The value.</param>
internal sealed record Ordered<T>(int Order, T Value)
    where T : class
{
    /// <summary>The one that comes first; null only for two nulls.</summary>
    public static Ordered<T>? First(Ordered<T>? left, Ordered<T>? right) =>
        left is null || (right is not null && right.Order < left.Order) ? right : left;
}

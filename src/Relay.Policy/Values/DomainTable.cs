using System.Collections.Frozen;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>Finds the most specific of many domain patterns that matches a domain: one look-up a label, without allocation.</summary>
/// <remarks>The domain itself beats a suffix, a longer suffix beats a shorter one, and <c>*</c> comes last. Address literals match
/// <c>*</c> only.</remarks>
internal sealed class DomainTable<T>
    where T : class
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _below;
    private readonly T? _any;

    /// <summary>Builds a table. A pattern that comes twice counts once, with its first value.</summary>
    public DomainTable(IEnumerable<KeyValuePair<DomainPattern, T>> entries)
    {
        var exact = new Dictionary<string, T>(StringComparer.Ordinal);
        var below = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (pattern, value) in entries)
        {
            switch (pattern.Kind)
            {
                case DomainPatternKind.Exact:
                    exact.TryAdd(pattern.Domain!.Name, value);
                    break;
                case DomainPatternKind.Subdomains:
                    below.TryAdd(pattern.Domain!.Name, value);
                    break;
                default:
                    _any ??= value;
                    break;
            }
        }

        _exact = exact.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _below = below.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The value of the most specific pattern that matches; null when none does.</summary>
    public T? Find(MailDomain domain)
    {
        if (domain.Literal is not null)
        {
            return _any;
        }

        var name = domain.Name.AsSpan();
        if (_exact.TryGetValue(name, out var value))
        {
            return value;
        }

        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.'))
        {
            name = name[(dot + 1)..];
            if (_below.TryGetValue(name, out value))
            {
                return value;
            }
        }

        return _any;
    }
}

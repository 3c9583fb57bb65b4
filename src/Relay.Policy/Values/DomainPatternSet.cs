namespace Relay.Policy.Values;

/// <summary>A set of domain patterns that knows whether others lie in it: one look-up a label.</summary>
internal sealed class DomainPatternSet
{
    private readonly HashSet<string> _exact = new(StringComparer.Ordinal);
    private readonly HashSet<string> _below = new(StringComparer.Ordinal);
    private readonly HashSet<string> _above = new(StringComparer.Ordinal);
    private bool _any;

    /// <summary>Makes a set.</summary>
    public DomainPatternSet(IEnumerable<DomainPattern> patterns)
    {
        foreach (var pattern in patterns)
        {
            Add(pattern);
        }
    }

    /// <summary>Adds a pattern.</summary>
    public void Add(DomainPattern pattern)
    {
        if (pattern.Kind == DomainPatternKind.Any)
        {
            _any = true;
            return;
        }

        var name = pattern.Domain!.Name;
        _ = (pattern.Kind == DomainPatternKind.Exact ? _exact : _below).Add(name);
        _above.UnionWith(Above(name));
    }

    /// <summary>True when one pattern of the set matches every domain that the other pattern matches.</summary>
    public bool Covers(DomainPattern pattern)
    {
        if (_any || pattern.Kind == DomainPatternKind.Any)
        {
            return _any;
        }

        var name = pattern.Domain!.Name;
        return (pattern.Kind == DomainPatternKind.Exact ? _exact : _below).Contains(name) || Above(name).Any(_below.Contains);
    }

    /// <summary>True when there is a domain that the other pattern and one of the set match.</summary>
    public bool Overlaps(DomainPattern pattern) =>
        Covers(pattern) || (pattern.Kind == DomainPatternKind.Subdomains && _above.Contains(pattern.Domain!.Name));

    private static IEnumerable<string> Above(string name)
    {
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return name[(dot + 1)..];
        }
    }
}

using Relay.Policy.Documents;

namespace Relay.Node.Settings;

/// <summary>Takes the values of one section by key, and knows afterwards which keys nobody asked for.</summary>
internal sealed class SectionReader
{
    private readonly SettingNode _section;
    private readonly List<SettingsError> _errors;
    private readonly List<string> _known = [];

    public SectionReader(SettingNode section, string path, List<SettingsError> errors)
    {
        _section = section;
        Path = path;
        _errors = errors;
    }

    /// <summary>The section's name; empty for the outermost.</summary>
    public string Path { get; }

    /// <summary>False when a value of this section is wrong: then a default stands in for it, and comparing it would mislead.</summary>
    public bool IsSound { get; private set; } = true;

    /// <summary>The value of a key, or the default when it is absent or wrong.</summary>
    public T Value<T>(string key, T fallback, SettingParser<T> parse) =>
        Find(key) is { } node && TryParse(key, node, parse, out var value) ? value : fallback;

    /// <summary>The values of a list, or the default when it is absent or wrong.</summary>
    public IReadOnlyList<T> Values<T>(string key, IReadOnlyList<T> fallback, SettingParser<T> parse)
    {
        if (FindList(key) is not { } list)
        {
            return fallback;
        }

        var values = new List<T>(list.Items.Count);
        foreach (var (index, item) in list.Items.Index())
        {
            if (TryParse(SettingPath.Join(key, index), item, parse, out var value))
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>A section below this one; an empty one when it is absent.</summary>
    public SectionReader Section(string key) => OptionalSection(key) ?? Below(SettingNode.Section(_section.Origin), key);

    /// <summary>A section below this one; null when it is absent.</summary>
    public SectionReader? OptionalSection(string key) => Find(key) is { } node ? AsSection(node, key) : null;

    /// <summary>A list of sections; null when it is absent.</summary>
    public IReadOnlyList<SectionReader>? Sections(string key) => FindList(key) is { } list
        ? [.. list.Items.Index().Select(item => AsSection(item.Item, SettingPath.Join(key, item.Index)))]
        : null;

    /// <summary>Reports an error at a key of this section, or at the section itself for an empty one.</summary>
    public void Refuse(string key, string message)
    {
        var node = _section;
        foreach (var part in key.Split(SettingPath.Separator, StringSplitOptions.RemoveEmptyEntries))
        {
            node = node.Kind == SettingKind.Section ? node.Members.GetValueOrDefault(part, node)
                : SettingPath.IsIndex(part, out var index) && index < node.Items.Count ? node.Items[index] : node;
        }

        Report(node, key.Length == 0 ? Path : SettingPath.Join(Path, key), message);
    }

    /// <summary>Where a key is set, by default or by somebody.</summary>
    public SettingPlace Locate(string key)
    {
        var path = SettingPath.Join(Path, key);
        return _section.Members.GetValueOrDefault(key) is { Origin: var origin }
            ? new SettingPlace(origin.Source, origin.Line, path)
            : new SettingPlace(SettingPlace.Defaults, null, path);
    }

    /// <summary>True when the key is there, with whatever value.</summary>
    public bool Has(string key) => _section.Members.ContainsKey(key);

    /// <summary>Reports every key that was not asked for, with the one that was most likely meant.</summary>
    public void RefuseUnknownKeys()
    {
        foreach (var (key, node) in _section.Members)
        {
            if (!_known.Contains(key, StringComparer.Ordinal))
            {
                var hint = NearestKey.Find(key, _known) is { } nearest
                    ? $"did you mean {SettingPath.Join(Path, nearest)}?"
                    : $"known here: {string.Join(", ", _known)}";
                Report(node, SettingPath.Join(Path, key), $"unknown key; {hint}");
            }
        }
    }

    private SettingNode? Find(string key)
    {
        _known.Add(key);
        return _section.Members.GetValueOrDefault(key);
    }

    private SettingNode? FindList(string key)
    {
        var node = Find(key);
        if (node is null or { Kind: SettingKind.List })
        {
            return node;
        }

        if (node.IsBare)
        {
            return SettingLists.Split(node);
        }

        Report(node, SettingPath.Join(Path, key), SettingValues.Expected("a list in [ ]", node));
        return null;
    }

    private bool TryParse<T>(string key, SettingNode node, SettingParser<T> parse, out T value)
    {
        if (parse(node, out value) is not { } error)
        {
            return true;
        }

        IsSound = false;
        Report(node, SettingPath.Join(Path, key), error);
        return false;
    }

    private SectionReader AsSection(SettingNode node, string key)
    {
        if (node.Kind == SettingKind.Section)
        {
            return Below(node, key);
        }

        Report(node, SettingPath.Join(Path, key), SettingValues.Expected("a section in { }", node));
        return Below(SettingNode.Section(node.Origin), key);
    }

    private SectionReader Below(SettingNode node, string key) => new(node, SettingPath.Join(Path, key), _errors);

    private void Report(SettingNode node, string key, string message) =>
        _errors.Add(new SettingsError(node.Origin.Source, node.Origin.Line, key, message));
}

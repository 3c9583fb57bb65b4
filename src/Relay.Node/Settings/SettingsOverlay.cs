namespace Relay.Node.Settings;

/// <summary>Lays single values of the environment and the command line over what the file said.</summary>
internal sealed class SettingsOverlay
{
    private readonly SettingNode _root;
    private readonly List<SettingsError> _errors;

    public SettingsOverlay(SettingNode root, List<SettingsError> errors)
    {
        _root = root;
        _errors = errors;
    }

    /// <summary>Lays every environment variable that is a setting over the rest; of a list, item 2 comes before item 10.</summary>
    public void ApplyVariables(IReadOnlyDictionary<string, string> variables)
    {
        var settings = variables.Where(pair => IsSetting(pair.Key)).OrderBy(pair => pair.Key, Comparer<string>.Create(CompareByParts));
        foreach (var (name, value) in settings)
        {
            Apply(KeyOf(name), value, new SettingOrigin(ShownText.Clean(name)));
        }
    }

    /// <summary>Lays what the command line says over the rest.</summary>
    public void ApplyArguments(IEnumerable<KeyValuePair<string, string>> overrides)
    {
        foreach (var (key, value) in overrides)
        {
            Apply(key, value, new SettingOrigin(SettingsError.CommandLineSource));
        }
    }

    private static int CompareByParts(string left, string right)
    {
        var order = 0;
        foreach (var (one, other) in left.Split("__").Zip(right.Split("__")))
        {
            order = order != 0 ? order
                : SettingPath.IsIndex(one, out var first) && SettingPath.IsIndex(other, out var second) ? first.CompareTo(second)
                : string.CompareOrdinal(one, other);
        }

        return order != 0 ? order : string.CompareOrdinal(left, right);
    }

    private static bool IsSetting(string name) =>
        name.StartsWith(SettingsSources.EnvironmentPrefix, StringComparison.Ordinal) && name.Contains("__", StringComparison.Ordinal);

    /// <summary>RELAY_Admin__Address is Admin:Address; RELAY__PolicyFile is PolicyFile, which is in no section.</summary>
    private static string KeyOf(string name) =>
        name[SettingsSources.EnvironmentPrefix.Length..].TrimStart('_').Replace("__", ":", StringComparison.Ordinal);

    private void Apply(string key, string value, SettingOrigin origin)
    {
        var parts = key.Split(SettingPath.Separator);
        if (parts.Contains(""))
        {
            _errors.Add(new SettingsError(origin.Source, origin.Line, ShownText.Clean(key), "is no key: a part of it is empty"));
            return;
        }

        var node = _root;
        var path = "";
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            var fresh = isLast ? SettingNode.Bare(value, origin)
                : SettingPath.IsIndex(parts[i + 1], out _) ? SettingNode.List(origin)
                : SettingNode.Section(origin);
            if (Step(node, path, parts[i], fresh) is not { } next)
            {
                RemoveEmptyList(parts, i - 1, node);
                return;
            }

            path = SettingPath.Join(path, parts[i]);
            node = next;
        }
    }

    /// <summary>A list made for an item that it cannot take must not be there: it would be one error more, about an empty list.</summary>
    private void RemoveEmptyList(string[] parts, int depth, SettingNode list)
    {
        if (depth == 0 && list.Items.Count == 0)
        {
            _root.Members.Remove(parts[depth]);
        }
    }

    /// <summary>Goes one part down; a last part, and one that is not there or is of another kind, is put there new.</summary>
    private SettingNode? Step(SettingNode node, string path, string part, SettingNode fresh)
    {
        if (node.Kind == SettingKind.Section)
        {
            node.Members[part] = Keep(node.Members.GetValueOrDefault(part), fresh);
            return node.Members[part];
        }

        // A list is only kept, or made, where the part below it is an index.
        SettingPath.IsIndex(part, out var index);
        if (index > node.Items.Count)
        {
            var next = SettingPath.Join(path, node.Items.Count);
            var message = $"there is no such item; a new one would be {next}";
            _errors.Add(new SettingsError(fresh.Origin.Source, fresh.Origin.Line, SettingPath.Join(path, part), message));
            return null;
        }

        if (index == node.Items.Count)
        {
            node.Items.Add(fresh);
        }

        node.Items[index] = Keep(node.Items[index], fresh);
        return node.Items[index];
    }

    private static SettingNode Keep(SettingNode? present, SettingNode fresh)
    {
        if (fresh.Kind == SettingKind.List && present is { IsBare: true })
        {
            return SettingLists.Split(present);
        }

        return present is not null && fresh.Kind != SettingKind.Text && present.Kind == fresh.Kind ? present : fresh;
    }
}

namespace Relay.Node.Settings;

/// <summary>What a value in a settings source looks like, before it is known what it is for.</summary>
internal enum SettingKind
{
    Section,
    List,
    Text,
    Number,
    Flag,
    Null,
}

/// <summary>Where a value was written.</summary>
/// <param name="Source">A file, an environment variable or the command line, as errors name it.</param>
/// <param name="Line">The line in a file, from 1.</param>
internal sealed record SettingOrigin(string Source, int? Line = null);

/// <summary>One value with the place it came from; sections and lists hold further ones.</summary>
internal sealed class SettingNode
{
    private SettingNode(SettingKind kind, string text, SettingOrigin origin)
    {
        Kind = kind;
        Text = text;
        Origin = origin;
    }

    /// <summary>What it looks like.</summary>
    public SettingKind Kind { get; }

    /// <summary>A text, number or flag as written, without quotes.</summary>
    public string Text { get; }

    /// <summary>Where it was written.</summary>
    public SettingOrigin Origin { get; }

    /// <summary>True when it came as bare text, from the environment or the command line: then text may stand for any kind.</summary>
    public bool IsBare { get; private init; }

    /// <summary>What a section holds, in the order written.</summary>
    public OrderedDictionary<string, SettingNode> Members { get; } = [];

    /// <summary>What a list holds.</summary>
    public List<SettingNode> Items { get; } = [];

    /// <summary>An empty section.</summary>
    public static SettingNode Section(SettingOrigin origin) => new(SettingKind.Section, "", origin);

    /// <summary>An empty list.</summary>
    public static SettingNode List(SettingOrigin origin) => new(SettingKind.List, "", origin);

    /// <summary>A value from a file.</summary>
    public static SettingNode Value(SettingKind kind, string text, SettingOrigin origin) => new(kind, text, origin);

    /// <summary>A value from the environment or the command line.</summary>
    public static SettingNode Bare(string text, SettingOrigin origin) => new(SettingKind.Text, text, origin) { IsBare = true };

    /// <summary>What it is, for an error: <c>a number</c>, <c>"abc"</c>.</summary>
    public string Describe() => Kind switch
    {
        SettingKind.Section => "a section",
        SettingKind.List => "a list",
        SettingKind.Null => "null",
        SettingKind.Text => ShownText.Quote(Text),
        _ => Text,
    };
}

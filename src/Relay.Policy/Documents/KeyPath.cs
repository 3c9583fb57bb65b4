using System.Buffers;
using System.Globalization;
using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary>Paths of keys as errors and verdicts name them: <c>relay.networks[1]</c>, <c>recipients["relay.example"]</c>.</summary>
internal static class KeyPath
{
    /// <summary>The whole document.</summary>
    public const string Document = "(document)";

    private const int PlainMax = 40;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$-");

    /// <summary>A member of an object: behind a dot when its name is plain, else quoted in brackets.</summary>
    public static string Member(string parent, string name)
    {
        if (name.Length is 0 or > PlainMax || name.AsSpan().ContainsAnyExcept(Plain))
        {
            return Entry(parent, name);
        }

        return parent == Document ? name : $"{parent}.{name}";
    }

    /// <summary>An entry of a map.</summary>
    public static string Entry(string parent, string name) => $"{(parent == Document ? string.Empty : parent)}[{ErrorText.Quote(name)}]";

    /// <summary>An item of a list.</summary>
    public static string Item(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");
}

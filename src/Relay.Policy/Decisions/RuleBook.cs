using System.Globalization;
using Relay.Policy.Documents;

namespace Relay.Policy.Decisions;

/// <summary>Names the rules of a document while it is compiled, with the places where they are written.</summary>
/// <param name="places">The lines of the rules.</param>
/// <param name="file">The document's name; null when it has none.</param>
internal sealed class RuleBook(PolicyPlaces places, string? file)
{
    /// <summary>For rules that are written nowhere.</summary>
    public static readonly RuleBook Empty = new(PolicyPlaces.None, null);

    /// <summary>The rule that a key states: <c>relay.authenticated</c>.</summary>
    public PolicyRule Key(string key) => new(key, PlaceOf(places.Find(key)));

    /// <summary>The rule that an entry of a list or a map states: <c>relay.networks["10.0.0.0/8"]</c>.</summary>
    public PolicyRule Entry(string key, string entry) => new(KeyPath.Entry(key, entry), PlaceOf(places.Find(key, entry)));

    private string? PlaceOf(int? line)
    {
        if (line is not { } number)
        {
            return null;
        }

        return file is null
            ? string.Create(CultureInfo.InvariantCulture, $"line {number}")
            : string.Create(CultureInfo.InvariantCulture, $"{file}:{number}");
    }
}

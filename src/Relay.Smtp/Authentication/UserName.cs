using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Relay.Smtp.Authentication;

/// <summary>Names of users, and what a password may hold.</summary>
/// <remarks>
/// Both are ASCII, for which SASLprep (RFC 4013) changes nothing: what a client prepares and what one does not prepare are the same octets.
/// Names have no case, as in mail programs: they are kept and compared in lower case.
/// </remarks>
public static class UserName
{
    /// <summary>Longest name, in characters.</summary>
    public const int CharactersMax = 128;

    /// <summary>Longest password, in octets.</summary>
    public const int PasswordOctetsMax = 1024;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+@");

    /// <summary>Reads a name: letters, digits and <c>. - _ + @</c>, a letter or digit first.</summary>
    /// <param name="text">The name in any case.</param>
    /// <param name="name">The name in lower case.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name)
    {
        if (text.Length is 0 or > CharactersMax || !char.IsAsciiLetterOrDigit(text[0]) || text.ContainsAnyExcept(Characters))
        {
            name = null;
            return false;
        }

        name = string.Create(text.Length, text, static (lower, source) => source.ToLowerInvariant(lower));
        return true;
    }

    /// <summary>True for a password that can be set: printable ASCII, spaces too.</summary>
    public static bool IsPassword(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= PasswordOctetsMax && !text.ContainsAnyExceptInRange(' ', '~');

    /// <summary>A claimed name as it is compared: in lower case when it can be a name, else as it is, and then no user has it.</summary>
    internal static string Canonical(string claimed) => TryParse(claimed, out var name) ? name : claimed;
}

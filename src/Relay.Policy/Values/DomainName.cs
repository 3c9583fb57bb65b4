using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>Domain names as policy takes them: no address literals, and nothing that a resolver may read as an address.</summary>
internal static class DomainName
{
    /// <summary>Longest text looked at, in characters: a name has at most 255 octets (RFC 5321 section 4.5.3.1.2), U-labels fewer characters.</summary>
    public const int TextMax = 255;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads a domain name whose last label is no number: <c>10.1</c> and <c>0x7f.1</c> are addresses to some resolvers.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain)
    {
        domain = null;
        if (text.Length is 0 or > TextMax || !MailDomain.TryParse(text, out var parsed) || parsed.Literal is not null)
        {
            return false;
        }

        var last = parsed.Name.AsSpan(parsed.Name.LastIndexOf('.') + 1);
        if (IsNumber(last))
        {
            return false;
        }

        domain = parsed;
        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9')
        || (label.StartsWith("0x", StringComparison.Ordinal) && !label[2..].ContainsAnyExcept(HexDigits));
}

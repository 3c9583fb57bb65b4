using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Relay.Smtp.Addresses;

/// <summary>
/// A domain or an address literal in canonical form: lower-case A-labels, or <c>[192.0.2.1]</c> and <c>[IPv6:2001:db8::1]</c>.
/// </summary>
/// <remarks>Two domains are equal when their names are, ordinally. Policy and routing compare this and nothing else.</remarks>
public sealed class MailDomain : IEquatable<MailDomain>
{
    /// <summary>A domain as sent, in octets of UTF-8 (RFC 5321 section 4.5.3.1.2).</summary>
    public const int TextMax = 255;

    /// <summary>A canonical name in characters: 255 octets on the wire of DNS (RFC 1035 section 3.1).</summary>
    public const int NameMax = 253;

    /// <summary>A label in octets, as an A-label.</summary>
    public const int LabelMax = 63;

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private MailDomain(string name, IPAddress? literal)
    {
        Name = name;
        Literal = literal;
    }

    /// <summary>The canonical text: lower-case ASCII, no trailing dot; a literal with its brackets.</summary>
    public string Name { get; }

    /// <summary>The address of a literal, IPv4-mapped IPv6 turned into IPv4; null for a name.</summary>
    public IPAddress? Literal { get; }

    /// <summary>True for an internationalized name: one with an A-label, which readers show in other letters.</summary>
    public bool IsUnicode => Name.StartsWith("xn--", StringComparison.Ordinal) || Name.Contains(".xn--", StringComparison.Ordinal);

    /// <summary>Parses a domain or an address literal (RFC 5321 sections 4.1.2 and 4.1.3).</summary>
    /// <remarks>
    /// Refused: empty labels, a leading or trailing dot, hyphens at the ends of a label, and names whose last label is a number
    /// (<c>1.2.3.4</c>, <c>0x7f000001</c>), because some readers take them for addresses. Underscores, which the RFC does not know, are
    /// taken: hosts that send mail have them in their names, and no reader takes them for anything else. U-labels become A-labels when
    /// they need no mapping.
    /// </remarks>
    /// <param name="text">The text as sent, without anything around it.</param>
    /// <param name="domain">The domain, or null when the text is not exactly one.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain)
    {
        domain = null;
        if (text.IsEmpty || text.Length > TextMax)
        {
            return false;
        }

        if (text[0] == '[')
        {
            if (AddressLiteral.TryParse(text, out var address))
            {
                domain = new MailDomain(AddressLiteral.ToText(address), address);
            }
        }
        else if (!text.ContainsAnyExcept(HostCharacters))
        {
            domain = ParseName(text);
        }
        else if (TryMapToAscii(text, out var ascii))
        {
            domain = ParseName(ascii);
        }

        return domain is not null;
    }

    /// <summary>True when this name is below <paramref name="parent"/>, by whole labels. A literal is below nothing.</summary>
    public bool IsSubdomainOf(MailDomain parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        return Literal is null
            && parent.Literal is null
            && Name.Length > parent.Name.Length
            && Name[^(parent.Name.Length + 1)] == '.'
            && Name.EndsWith(parent.Name, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public bool Equals(MailDomain? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MailDomain);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    /// <summary>The canonical name.</summary>
    public override string ToString() => Name;

    private static MailDomain? ParseName(ReadOnlySpan<char> name)
    {
        if (name.Length > NameMax)
        {
            return null;
        }

        var rest = name;
        while (true)
        {
            var dot = rest.IndexOf('.');
            var label = dot < 0 ? rest : rest[..dot];
            if (label.IsEmpty || label.Length > LabelMax || label[0] == '-' || label[^1] == '-')
            {
                return null;
            }

            if (dot < 0)
            {
                return IsNumber(label) ? null : new MailDomain(ToLower(name), null);
            }

            rest = rest[(dot + 1)..];
        }
    }

    private static bool IsNumber(ReadOnlySpan<char> label)
    {
        if (!label.ContainsAnyExceptInRange('0', '9'))
        {
            return true;
        }

        if (!label.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var c in label[2..])
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string ToLower(ReadOnlySpan<char> name) =>
        name.ContainsAnyInRange('A', 'Z')
            ? string.Create(name.Length, name, static (target, source) => source.ToLowerInvariant(target))
            : name.ToString();

    private static bool TryMapToAscii(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        var labels = new List<string>();
        var rest = text;
        while (true)
        {
            var dot = rest.IndexOf('.');
            var label = dot < 0 ? rest : rest[..dot];
            if (label.IsEmpty)
            {
                return false;
            }

            if (System.Text.Ascii.IsValid(label))
            {
                labels.Add(label.ToString());
            }
            else if (UnicodeLabel.TryToAscii(label, out var mapped))
            {
                labels.Add(mapped);
            }
            else
            {
                return false;
            }

            if (dot < 0)
            {
                break;
            }

            rest = rest[(dot + 1)..];
        }

        ascii = string.Join('.', labels);
        return !ascii.AsSpan().ContainsAnyExcept(HostCharacters);
    }
}

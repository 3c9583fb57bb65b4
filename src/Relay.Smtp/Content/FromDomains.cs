using System.Globalization;
using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Content;

/// <summary>Every address and domain that a From field can be read to name.</summary>
/// <remarks>
/// Readers differ in what they take for the author (RFC 5322 section 3.6.2): some show a quoted name, decode encoded-words before they look
/// for addresses, leave comments out or in. So the text is read in all these ways, and what stands behind any <c>@</c> counts. Linear in the
/// length of the text.
/// </remarks>
internal static class FromDomains
{
    /// <summary>Stands between two fields.</summary>
    public const byte FieldEnd = (byte)'\n';

    /// <summary>The domains.</summary>
    /// <param name="fields">The values of all From fields, unfolded, with <see cref="FieldEnd"/> between two of them.</param>
    public static FromNames Find(ReadOnlySpan<byte> fields)
    {
        var found = new FoundNames();
        var holdsUnclear = false;
        foreach (var field in Encoding.UTF8.GetString(fields).Split((char)FieldEnd))
        {
            foreach (var reading in ReadingsOf(field, EncodedWords.Decode(field)))
            {
                holdsUnclear |= FindIn(reading, found);
            }

            // Some readers take every word for UTF-8. What that makes unclear in another charset is clear above.
            foreach (var reading in ReadingsOf(EncodedWords.DecodeAsUtf8(field)))
            {
                FindIn(reading, found);
            }
        }

        return new FromNames(found.Domains, holdsUnclear) { Addresses = [.. found.Addresses.Values] };
    }

    /// <summary>The different texts that readers make of a field's.</summary>
    private static HashSet<string> ReadingsOf(params ReadOnlySpan<string> texts)
    {
        var readings = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            // A control character ends a name for one reader, and is nothing for another.
            foreach (var control in (string[])["", " "])
            {
                var simple = Simplify(text, control);
                var uncommented = WithoutComments(simple);
                readings.UnionWith([simple, WithoutMarks(simple), uncommented, WithoutMarks(uncommented)]);
            }
        }

        return readings;
    }

    /// <returns>True when a domain is named that cannot be told.</returns>
    private static bool FindIn(string text, FoundNames found)
    {
        var holdsUnclear = false;
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            var local = LocalPartBefore(text.AsSpan(0, at));
            var rest = text.AsSpan(at + 1).TrimStart(" ["); // some take a name in brackets for the domain
            var length = MeasureName(rest);
            holdsUnclear |= !AddDomain(local, rest[..length], found);
            if (length > 0 && length < rest.Length && rest[length] == ' ')
            {
                holdsUnclear |= !AddDomain(local, ReadSpaced(rest), found);
            }
        }

        return holdsUnclear;
    }

    /// <returns>False for a name outside ASCII of which nobody can tell which domain it is; one in ASCII that is no domain is none.</returns>
    private static bool AddDomain(ReadOnlySpan<char> local, ReadOnlySpan<char> name, FoundNames found)
    {
        name = name.TrimEnd('.');
        if (name.Length > MailDomain.TextMax)
        {
            return Ascii.IsValid(name);
        }

        // Readers fold the case of a U-label before they make its A-label (RFC 5895 section 2).
        Span<char> lower = stackalloc char[name.Length];
        name.ToLowerInvariant(lower);
        if (MailDomain.TryParse(lower, out var domain))
        {
            found.Add(local, domain);
            return true;
        }

        return Ascii.IsValid(lower);
    }

    /// <summary>What stands directly before an <c>@</c>, as far as it can be a local part without quotes; blanks may stand between.</summary>
    private static ReadOnlySpan<char> LocalPartBefore(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd(' ');
        var start = text.Length;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] > '\u007f' || ".!#$%&'*+-/=?^_`{|}~".Contains(text[start - 1], StringComparison.Ordinal)))
        {
            start--;
        }

        return text[start..];
    }

    /// <summary>The obsolete form has blanks around its dots: <c>relay . example</c> (RFC 5322 section 4.4).</summary>
    private static string ReadSpaced(ReadOnlySpan<char> rest)
    {
        var name = new StringBuilder();
        while (true)
        {
            var length = MeasureName(rest);
            name.Append(rest[..length]);
            rest = rest[length..].TrimStart(' ');
            var isOver = length == 0 || name.Length > MailPath.OctetsMax || rest.IsEmpty;
            if (isOver || (name[^1] != '.' && rest[0] != '.'))
            {
                return name.ToString();
            }
        }
    }

    private static int MeasureName(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsLetterOrDigit(text[length]) || text[length] is '-' or '.' or '_' || text[length] > '\u007f'))
        {
            length++;
        }

        return length;
    }

    /// <summary>Drops what nobody sees, and makes ASCII of its wide forms.</summary>
    private static string Simplify(string text, string control)
    {
        var simple = new StringBuilder(text.Length);
        foreach (var c in StyledLetters.ToAscii(text))
        {
            switch (c)
            {
                case '\t' or '\u00a0' or '\u3000':
                    simple.Append(' ');
                    break;
                case '\u3002' or '\uff61' or '\u2024':
                    simple.Append('.');
                    break;
                case '\ufe6b':
                    simple.Append('@');
                    break;
                case >= '\uff01' and <= '\uff5e':
                    simple.Append((char)(c - 0xFEE0));
                    break;
                default:
                    simple.Append(char.IsControl(c) ? control : char.GetUnicodeCategory(c) == UnicodeCategory.Format ? "" : c.ToString());
                    break;
            }
        }

        return simple.ToString();
    }

    private static string WithoutMarks(string text) =>
        text.Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);

    private static string WithoutComments(string text)
    {
        var kept = new StringBuilder(text.Length);
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                if (depth == 0)
                {
                    kept.Append(text, i, 2);
                }

                i++;
                continue;
            }

            depth += text[i] == '(' ? 1 : 0;
            if (depth == 0)
            {
                kept.Append(text[i]);
            }

            depth -= text[i] == ')' && depth > 0 ? 1 : 0;
        }

        return kept.ToString();
    }

    /// <summary>What was found, each once.</summary>
    private sealed class FoundNames
    {
        public HashSet<MailDomain> Domains { get; } = [];

        public Dictionary<string, MailPath> Addresses { get; } = new(StringComparer.Ordinal);

        public void Add(ReadOnlySpan<char> local, MailDomain domain)
        {
            Domains.Add(domain);
            var path = MailPath.TryParse($"{local}@{domain.Name}", out var whole) ? whole
                : MailPath.TryParse($"\"\"@{domain.Name}", out var nobody) ? nobody
                : null;
            if (path is not null)
            {
                Addresses[path.Text] = path;
            }
        }
    }
}

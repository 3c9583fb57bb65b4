using System.Globalization;
using System.Text;
using Relay.Node.Settings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>Reads a list of recipients: one a line, UTF-8; empty lines and lines that begin with <c>#</c> say nothing.</summary>
internal static class RecipientListReader
{
    /// <summary>Largest file. Default 32 MiB.</summary>
    public const int FileBytesMax = 32 << 20;

    /// <summary>Entries of a file. Default 1,000,000.</summary>
    public const int EntriesMax = 1_000_000;

    /// <summary>Errors that are told of one file. Default 20.</summary>
    public const int ErrorsMax = 20;

    private const string AnyDomain = "@any.invalid";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a list.</summary>
    /// <param name="file">The file's octets.</param>
    /// <param name="named">Told the line and domain of each entry that names a domain; null when nobody wants to know.</param>
    /// <returns>The list; or null and what is wrong, by line, at least one error.</returns>
    public static (RecipientList? List, IReadOnlyList<RecipientListError> Errors) Read(
        ReadOnlySpan<byte> file, Action<int, MailDomain>? named = null)
    {
        var errors = new List<RecipientListError>();
        var keys = new byte[file.Length + RecipientKey.OctetsMax];
        var starts = new List<int>();
        var length = 0;
        var number = 0;
        var rest = file.StartsWith(Encoding.UTF8.Preamble) ? file[Encoding.UTF8.Preamble.Length..] : file;
        while (!rest.IsEmpty && errors.Count < ErrorsMax)
        {
            number++;
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.IsEmpty || line[0] == (byte)'#')
            {
                continue;
            }

            if (starts.Count == EntriesMax)
            {
                errors.Add(new RecipientListError(number, string.Create(CultureInfo.InvariantCulture, $"more than {EntriesMax:N0} recipients")));
                break;
            }

            if (keys.Length - length <= RecipientKey.OctetsMax)
            {
                Array.Resize(ref keys, keys.Length * 2);
            }

            if (Entry(line, keys.AsSpan(length)) is var (octets, domain, problem) && problem is null)
            {
                if (domain is not null)
                {
                    named?.Invoke(number, domain);
                }

                starts.Add(length);
                length += octets;
                keys[length++] = (byte)'\n';
            }
            else
            {
                errors.Add(new RecipientListError(number, problem));
            }
        }

        if (errors.Count == 0 && starts.Count == 0)
        {
            // What was emptied by mistake must not turn all mail away.
            errors.Add(new RecipientListError(Math.Max(1, number), "no recipient in it: every recipient would be refused"));
        }

        return errors.Count > 0 ? (null, errors) : (new RecipientList(keys[..length], [.. starts]), []);
    }

    private static (int Octets, MailDomain? Domain, string? Problem) Entry(ReadOnlySpan<byte> line, Span<byte> key)
    {
        if (line.Length > MailPath.OctetsMax)
        {
            return Wrong(string.Create(CultureInfo.InvariantCulture, $"longer than {MailPath.OctetsMax} octets"));
        }

        string text;
        try
        {
            text = Utf8.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            return Wrong("not UTF-8");
        }

        if (text[0] == '@')
        {
            return MailDomain.TryParse(text.AsSpan(1), out var domain) && domain.Literal is null
                ? (Encoding.UTF8.GetBytes("@" + domain.Name, key), domain, null)
                : Wrong($"{ShownText.Quote(text)} is not a domain behind an @");
        }

        if (text == "*" || text.StartsWith("*@", StringComparison.Ordinal))
        {
            // A local part like any other, and not what its writer means.
            return Wrong($"{ShownText.Quote(text)} stands for nothing: write @relay.example for all recipients of a domain");
        }

        if (MailPath.TryParse(text, out var path) && path.Domain is { } named)
        {
            return named.Literal is null
                ? (RecipientKey.Write(path, key, out _), named, null)
                : Wrong($"{ShownText.Quote(text)} has an address literal: accepted domains have names");
        }

        // A local part that is all of the line: an @ in front of it would be a source route, one behind it another domain.
        if (MailPath.TryParse(text + AnyDomain, out path) && path.LocalPart.Length == text.Length)
        {
            RecipientKey.Write(path, key, out var local);
            return (local + 1, null, null);
        }

        return Wrong($"{ShownText.Quote(text)} is not a recipient: {Hint(text)}");
    }

    private static (int Octets, MailDomain? Domain, string? Problem) Wrong(string problem) => (0, null, problem);

    private static string Hint(string text) => text.IndexOfAny([' ', '\t']) >= 0
        ? "one a line, and nothing behind it"
        : "write user@relay.example, or user for every domain that the list is for";
}

/// <summary>What is wrong with a line of a list of recipients.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Message">For a person.</param>
internal sealed record RecipientListError(int Line, string Message);

using System.Net;
using System.Text;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Node.Settings;

/// <summary>Reads one value; the error, or null when <paramref name="value"/> is it.</summary>
internal delegate string? SettingParser<T>(SettingNode node, out T value);

/// <summary>How each type of value is written.</summary>
internal static class SettingValues
{
    private const string EndPointExample = "127.0.0.1:2525";

    /// <summary>Text that is not empty.</summary>
    public static string? Text(SettingNode node, out string value)
    {
        value = node.Text;
        return node.Kind != SettingKind.Text ? Expected("text in quotes", node) : value.Length == 0 ? "must not be empty" : null;
    }

    /// <summary>A file name, as written; only the loader knows what it is relative to.</summary>
    public static string? Path(SettingNode node, out string value) =>
        Text(node, out value) ?? (value.Contains('\0', StringComparison.Ordinal) ? "is no path: it holds a NUL" : null);

    /// <summary>A name of letters, digits, '.', '-' and '_'.</summary>
    public static string? Name(SettingNode node, out string value)
    {
        const int charactersMax = NodeSection.NameCharactersMax;
        if (Text(node, out value) is { } error)
        {
            return error;
        }

        return value.Length <= charactersMax && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? null
            : $"{ShownText.Quote(value)} is no name: 1 to {charactersMax} letters, digits, '.', '-' or '_'";
    }

    /// <summary>The name of a network device, by the rules of Linux: 1 to 15 octets without white space, '/' and ':'.</summary>
    public static string? Device(SettingNode node, out string value)
    {
        const int octetsMax = 15;
        if (Text(node, out value) is { } error)
        {
            return error;
        }

        return Encoding.UTF8.GetByteCount(value) <= octetsMax && value is not ("." or "..")
            && !value.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or ':')
            ? null
            : $"{ShownText.Quote(value)} is no name of a network device, like eth1";
    }

    /// <summary>A host name, in its canonical form afterwards.</summary>
    public static string? HostName(SettingNode node, out string value)
    {
        if (Text(node, out value) is { } error)
        {
            return error;
        }

        if (!MailDomain.TryParse(value, out var domain))
        {
            return $"{ShownText.Quote(value)} is no host name, like mx.relay.example";
        }

        value = domain.Name;
        return null;
    }

    /// <summary>true or false.</summary>
    public static string? Flag(SettingNode node, out bool value)
    {
        value = node.Text == "true";
        return node.Kind == SettingKind.Flag || (node.IsBare && node.Text is "true" or "false") ? null : Expected("true or false", node);
    }

    /// <summary>A size, in octets.</summary>
    public static string? Size(SettingNode node, out long value)
    {
        value = 0;
        if (node.Kind is not (SettingKind.Text or SettingKind.Number))
        {
            return Expected("a size like \"20 GiB\"", node);
        }

        if (!ByteSize.TryParse(node.Text, out var size, out var error))
        {
            return error;
        }

        value = size.Bytes;
        return null;
    }

    /// <summary>A time.</summary>
    public static string? Time(SettingNode node, out TimeSpan value)
    {
        value = default;
        if (node.Kind != SettingKind.Text)
        {
            return Expected("a time like \"30s\"", node);
        }

        if (!Duration.TryParse(node.Text, out var time, out var error))
        {
            return error;
        }

        value = time.Value;
        return null;
    }

    /// <summary>A size whose default others decide.</summary>
    public static string? OptionalSize(SettingNode node, out long? value)
    {
        var error = Size(node, out var size);
        value = size;
        return error;
    }

    /// <summary>A time that may also be none, <c>0s</c>, and whose default others decide.</summary>
    public static string? OptionalTime(SettingNode node, out TimeSpan? value)
    {
        if (node is { Kind: SettingKind.Text, Text: "0s" })
        {
            value = TimeSpan.Zero;
            return null;
        }

        var error = Time(node, out var time);
        value = time;
        return error;
    }

    /// <summary>An address to listen at; port 0 means a free one.</summary>
    public static string? ListenEndPoint(SettingNode node, out IPEndPoint value)
    {
        value = null!;
        if (node.Kind != SettingKind.Text)
        {
            return Expected($"an address like \"{EndPointExample}\"", node);
        }

        if (!EndPointText.TryParse(node.Text, out var endPoint, out var error))
        {
            return error;
        }

        value = endPoint;
        return null;
    }

    /// <summary>An address of another program: it has a port.</summary>
    public static string? PeerEndPoint(SettingNode node, out IPEndPoint value) =>
        ListenEndPoint(node, out value) ?? (value.Port == 0 ? $"{ShownText.Quote(node.Text)} needs a port from 1 to 65535" : null);

    /// <summary>An IP address without a port.</summary>
    public static string? Address(SettingNode node, out IPAddress value)
    {
        value = null!;
        if (node.Kind == SettingKind.Text && EndPointText.TryParseAddress(node.Text, out var address))
        {
            value = address;
            return null;
        }

        return Expected("an IP address like \"192.0.2.10\"", node);
    }

    /// <summary>A network or a single address, as strictly as in a policy.</summary>
    public static string? Network(SettingNode node, out NetworkRange value)
    {
        value = default;
        if (node.Kind != SettingKind.Text)
        {
            return Expected("a network or an address like \"10.0.0.0/24\" or \"192.0.2.10\"", node);
        }

        return NetworkRange.TryParse(node.Text, out value, out var error) ? null : error;
    }

    /// <summary>One of the names of an enumeration, exactly.</summary>
    public static string? OneOf<T>(SettingNode node, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (node.Kind == SettingKind.Text && candidate.ToString() == node.Text)
            {
                value = candidate;
                return null;
            }
        }

        value = default;
        return Expected($"one of {string.Join(", ", Enum.GetNames<T>())}", node);
    }

    /// <summary>The error for a value of another type.</summary>
    public static string Expected(string what, SettingNode node) => $"expected {what}, found {node.Describe()}";
}

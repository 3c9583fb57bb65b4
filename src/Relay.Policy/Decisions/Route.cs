using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary>Where mail for some domains goes instead of their MX.</summary>
/// <param name="Pattern">The domains: <c>relay.example</c>, <c>.relay.example</c> or <c>*</c>, in canonical text.</param>
/// <param name="Target">The next hop.</param>
/// <param name="Tls">What connections to it demand of TLS; null: <c>delivery.tls</c>.</param>
/// <param name="Auth">Who we are there; null: nobody in particular.</param>
public sealed record Route(string Pattern, RouteTarget Target, TlsLevel? Tls = null, RouteAuth? Auth = null)
{
    /// <summary>Most connections to it at once; null: <c>delivery.connectionsPerDestination</c>.</summary>
    public int? Connections { get; init; }

    /// <summary>Most messages to it in a time; null: <c>delivery.ratePerDestination</c>.</summary>
    public Rate? Rate { get; init; }
}

/// <summary>A route without a next hop: its domains go by MX, over connections with this demand.</summary>
/// <param name="Pattern">The domains, as in <see cref="Route"/>.</param>
/// <param name="Tls">What connections to their mail exchangers demand of TLS.</param>
public sealed record TlsRoute(string Pattern, TlsLevel Tls);

/// <summary>How we prove to a smart host who we are (RFC 4954). The password itself is never in a policy.</summary>
/// <param name="User">The user name.</param>
/// <param name="PasswordFile">The file that holds the password, relative to the policy file's folder.</param>
public sealed record RouteAuth(string User, string PasswordFile);

/// <summary>A next hop that a route names.</summary>
/// <param name="Scheme"><c>smtp</c> or <c>lmtp</c>.</param>
/// <param name="Host">A host name as lower-case A-labels, or an IP address in canonical text without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record RouteTarget(string Scheme, string Host, int Port)
{
    /// <summary>The scheme of next hops that speak SMTP.</summary>
    public const string Smtp = "smtp";

    /// <summary>The scheme of next hops that speak LMTP (RFC 2033).</summary>
    public const string Lmtp = "lmtp";

    private const string Expected = "write smtp://host:port or lmtp://host:port, with a name, an IPv4 address or an IPv6 address in brackets";

    /// <summary>Reads a next hop. Without a port it is 25 for smtp and 24 for lmtp. User, path and query are errors.</summary>
    /// <param name="text">For example <c>smtp://mail.internal:25</c> or <c>smtp://[2001:db8::1]</c>.</param>
    /// <param name="value">The next hop, of scheme smtp or lmtp.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RouteTarget? value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        error = $"{ErrorText.Quote(text)} is not a next hop: {Expected}";
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = colon < 0 ? string.Empty : text[..colon];
        if (scheme is not (Smtp or Lmtp))
        {
            return false;
        }

        var rest = text[(colon + 3)..];
        var hostEnd = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) + 1 : rest.IndexOf(':', StringComparison.Ordinal);
        hostEnd = hostEnd < 0 ? rest.Length : hostEnd;
        if (!TryParseHost(rest[..hostEnd], out var host) || !TryParsePort(rest.AsSpan(hostEnd), scheme, out var port))
        {
            return false;
        }

        value = new RouteTarget(scheme, host, port);
        error = null;
        return true;
    }

    /// <summary>The text form, IPv6 in brackets: <c>smtp://[2001:db8::1]:25</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"{Scheme}://[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    private static bool TryParseHost(string text, [NotNullWhen(true)] out string? host)
    {
        host = null;
        var inBrackets = text.Length > 2 && text[0] == '[' && text[^1] == ']';
        if (CanonicalAddress.TryParse(inBrackets ? text[1..^1] : text, out var address, out _))
        {
            if (inBrackets == (address.AddressFamily == AddressFamily.InterNetworkV6))
            {
                host = Canonical(address);
            }

            return host is not null;
        }

        if (DomainName.TryParse(text, out var name))
        {
            host = name.Name;
        }

        return host is not null;
    }

    private static string Canonical(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private static bool TryParsePort(ReadOnlySpan<char> text, string scheme, out int port)
    {
        port = scheme == Lmtp ? 24 : 25;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != ':' || !StrictNumber.TryParse(text[1..], out var number) || number is < 1 or > ushort.MaxValue)
        {
            return false;
        }

        port = (int)number;
        return true;
    }
}

using System.Globalization;

namespace Relay.Policy.Decisions;

/// <summary>Where mail for some domains goes instead of their MX.</summary>
/// <param name="Pattern">The domains: <c>relay.example</c>, <c>.relay.example</c> or <c>*</c>, in canonical text.</param>
/// <param name="Target">The next hop.</param>
public sealed record Route(string Pattern, RouteTarget Target);

/// <summary>A next hop that a route names.</summary>
/// <param name="Scheme"><c>smtp</c>.</param>
/// <param name="Host">A host name as lower-case A-labels, or an IP address in canonical text without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record RouteTarget(string Scheme, string Host, int Port)
{
    /// <summary>The text form, IPv6 in brackets: <c>smtp://[2001:db8::1]:25</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"{Scheme}://[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");
}

using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Relay.Smtp.Addresses;

/// <summary>A domain or an address literal in canonical form: lower-case A-labels, or <c>[192.0.2.1]</c> and <c>[IPv6:2001:db8::1]</c>.</summary>
/// <remarks>Two domains are equal when their names are, ordinally. Policy and routing compare this and nothing else.</remarks>
public sealed class MailDomain : IEquatable<MailDomain>
{
    private MailDomain(string name, IPAddress? literal)
    {
        Name = name;
        Literal = literal;
    }

    /// <summary>The canonical text: lower-case ASCII, no trailing dot; a literal with its brackets.</summary>
    public string Name { get; }

    /// <summary>The address of a literal, IPv4-mapped IPv6 turned into IPv4; null for a name.</summary>
    public IPAddress? Literal { get; }

    /// <summary>Parses a domain or an address literal.</summary>
    /// <param name="text">The text as sent, without anything around it.</param>
    /// <param name="domain">The domain, or null when the text is not exactly one.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out MailDomain? domain) => throw new NotImplementedException();

    /// <summary>True when this name is below <paramref name="parent"/>, by whole labels.</summary>
    public bool IsSubdomainOf(MailDomain parent) => throw new NotImplementedException();

    /// <summary>True when this name is <paramref name="parent"/> or below it.</summary>
    public bool IsSameOrSubdomainOf(MailDomain parent) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool Equals(MailDomain? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MailDomain);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    /// <summary>The canonical name.</summary>
    public override string ToString() => Name;

    internal static MailDomain Of(string name, IPAddress? literal) => new(name, literal);
}

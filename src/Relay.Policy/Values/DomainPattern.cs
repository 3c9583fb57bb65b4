using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Values;

/// <summary>What a <see cref="DomainPattern"/> matches.</summary>
public enum DomainPatternKind
{
    /// <summary><c>relay.example</c>: this domain and none below it.</summary>
    Exact,

    /// <summary><c>.relay.example</c>: every domain below this one, at any depth, but not the domain itself.</summary>
    Subdomains,

    /// <summary><c>*</c>: every domain, and address literals.</summary>
    Any,
}

/// <summary>A rule's domain: <c>relay.example</c>, <c>.relay.example</c> or <c>*</c>. Compared as lower-case A-labels, ordinally, by
/// whole labels.</summary>
/// <param name="Kind">What the pattern matches.</param>
/// <param name="Domain">The domain named; null for <c>*</c>. Never an address literal.</param>
public sealed record DomainPattern(DomainPatternKind Kind, MailDomain? Domain)
{
    /// <summary>The pattern that matches everything.</summary>
    public static readonly DomainPattern Any = new(DomainPatternKind.Any, null);

    /// <summary>Reads a domain or a dot and a domain. <c>*</c>, <c>*.relay.example</c>, addresses, literals and trailing dots are
    /// errors.</summary>
    /// <param name="text">For example <c>relay.example</c> or <c>.relay.example</c>; letters in either case, U-labels are turned into
    /// A-labels.</param>
    /// <param name="value">The pattern.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DomainPattern? value, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        var below = text.StartsWith('.');
        var name = below ? text.AsSpan(1) : text.AsSpan();
        if (!DomainName.TryParse(name, out var domain))
        {
            error = text.StartsWith("*.", StringComparison.Ordinal)
                ? $"{ErrorText.Quote(text)} is not a domain: write {ErrorText.Quote(text[1..])} for the domains below it"
                : $"{ErrorText.Quote(text)} is not a domain: write \"relay.example\", or \".relay.example\" for the domains below it";
            return false;
        }

        value = new DomainPattern(below ? DomainPatternKind.Subdomains : DomainPatternKind.Exact, domain);
        error = null;
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, and takes <c>*</c> too.</summary>
    /// <param name="text">For example <c>relay.example</c>, <c>.relay.example</c> or <c>*</c>.</param>
    /// <param name="value">The pattern.</param>
    /// <param name="error">What is wrong, for a person.</param>
    public static bool TryParseOrAny(string text, [NotNullWhen(true)] out DomainPattern? value, [NotNullWhen(false)] out string? error)
    {
        if (string.Equals(text, "*", StringComparison.Ordinal))
        {
            value = Any;
            error = null;
            return true;
        }

        return TryParse(text, out value, out error);
    }

    /// <summary>The canonical text.</summary>
    public override string ToString() => Kind switch
    {
        DomainPatternKind.Exact => Domain!.Name,
        DomainPatternKind.Subdomains => "." + Domain!.Name,
        _ => "*",
    };
}

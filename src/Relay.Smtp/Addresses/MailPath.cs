using System.Diagnostics.CodeAnalysis;

namespace Relay.Smtp.Addresses;

/// <summary>A reverse-path or forward-path (RFC 5321 section 4.1.2): the one typed address that policy and routing use alike.</summary>
/// <remarks>Equal when the local parts are the same characters and the domains are the same in canonical form.</remarks>
public sealed class MailPath : IEquatable<MailPath>
{
    private MailPath(string localPart, MailDomain? domain, string text, bool isUtf8)
    {
        LocalPart = localPart;
        Domain = domain;
        Text = text;
        IsUtf8 = isUtf8;
    }

    /// <summary>The null reverse-path <c>&lt;&gt;</c>.</summary>
    public static MailPath Null { get; } = new(string.Empty, null, string.Empty, false);

    /// <summary>True for the null reverse-path.</summary>
    public bool IsNull => Text.Length == 0;

    /// <summary>True for <c>&lt;postmaster&gt;</c> without a domain, in any case of letters (RFC 5321 section 4.5.1).</summary>
    public bool IsBarePostmaster => Domain is null && !IsNull;

    /// <summary>The local part as sent, quotes and backslashes included; empty for the null path.</summary>
    public string LocalPart { get; }

    /// <summary>The domain; null for the null path and the bare postmaster.</summary>
    public MailDomain? Domain { get; }

    /// <summary>True when the path holds characters outside ASCII and so needs SMTPUTF8 (RFC 6531).</summary>
    public bool IsUtf8 { get; }

    /// <summary>The path as it is to be sent again, without angle brackets: local part and domain as sent, a source route dropped; empty for the null path.</summary>
    public string Text { get; }

    /// <summary>Parses a path without angle brackets: a mailbox with or without a source route, <c>postmaster</c>, or nothing for the null path.</summary>
    /// <param name="mailbox">The text without angle brackets.</param>
    /// <param name="path">The path, or null when the text is not exactly one.</param>
    public static bool TryParse(ReadOnlySpan<char> mailbox, [NotNullWhen(true)] out MailPath? path) => throw new NotImplementedException();

    /// <summary>The same local part in another domain, as for the bare postmaster.</summary>
    public MailPath WithDomain(MailDomain domain) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool Equals(MailPath? other) =>
        other is not null && string.Equals(LocalPart, other.LocalPart, StringComparison.Ordinal) && Equals(Domain, other.Domain);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MailPath);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LocalPart, Domain);

    /// <summary>The path in angle brackets, for logs.</summary>
    public override string ToString() => $"<{Text}>";

    internal static MailPath Of(string localPart, MailDomain? domain, string text, bool isUtf8) => new(localPart, domain, text, isUtf8);
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Smtp.Addresses;

/// <summary>A reverse-path or forward-path (RFC 5321 section 4.1.2): the one typed address that policy and routing use alike.</summary>
/// <remarks>
/// Equal when the local parts are the same characters and the domains are the same in canonical form. The local part is opaque: nothing in
/// it (<c>%</c>, <c>!</c>, a quoted <c>@</c>) ever means another destination.
/// </remarks>
public sealed class MailPath : IEquatable<MailPath>
{
    /// <summary>A path in octets of UTF-8 with its angle brackets and source route (RFC 5321 section 4.5.3.1.3).</summary>
    public const int OctetsMax = 256;

    private const string Postmaster = "postmaster";
    private readonly int _localLength;

    private MailPath(string text, int localLength, MailDomain? domain)
    {
        Text = text;
        _localLength = localLength;
        Domain = domain;
        IsUtf8 = !Ascii.IsValid(text);
    }

    /// <summary>The null reverse-path <c>&lt;&gt;</c>.</summary>
    public static MailPath Null { get; } = new(string.Empty, 0, null);

    /// <summary>True for the null reverse-path.</summary>
    public bool IsNull => Text.Length == 0;

    /// <summary>True for <c>&lt;postmaster&gt;</c> without a domain, in any case of letters (RFC 5321 section 4.5.1).</summary>
    public bool IsBarePostmaster => Domain is null && !IsNull;

    /// <summary>True for the postmaster of a domain or a bare one: <c>&lt;postmaster@relay.example&gt;</c>, in any case of letters, and
    /// however it is quoted: a quoted pair is the character behind its backslash (RFC 5321 section 4.1.2).</summary>
    public bool IsPostmaster
    {
        get
        {
            var local = Text.AsSpan(0, _localLength);
            if (local is not ['"', .. var quoted, '"'])
            {
                return local.Equals(Postmaster, StringComparison.OrdinalIgnoreCase);
            }

            var matched = 0;
            for (var at = 0; at < quoted.Length; at++, matched++)
            {
                at += quoted[at] == '\\' ? 1 : 0;
                if (at == quoted.Length || matched == Postmaster.Length || char.ToLowerInvariant(quoted[at]) != Postmaster[matched])
                {
                    return false;
                }
            }

            return matched == Postmaster.Length;
        }
    }

    /// <summary>The local part as sent, quotes and backslashes included; empty for the null path.</summary>
    public string LocalPart => field ??= Text[.._localLength];

    /// <summary>The domain; null for the null path and the bare postmaster.</summary>
    public MailDomain? Domain { get; }

    /// <summary>True when the path holds characters outside ASCII and so needs SMTPUTF8 (RFC 6531).</summary>
    public bool IsUtf8 { get; }

    /// <summary>
    /// The path as it is to be sent again, without angle brackets: local part and domain as sent, a source route dropped; empty for the
    /// null path.
    /// </summary>
    public string Text { get; }

    /// <summary>
    /// Parses a path without angle brackets: a mailbox with or without a source route, <c>postmaster</c>, or nothing for the null path.
    /// </summary>
    /// <remarks>
    /// Strict: what two readers could read differently is refused, such as an unqualified or doubly qualified address, and dots at the
    /// ends. A source route (RFC 5321 appendix C) must be well formed and is dropped. Linear in the length, which is limited first.
    /// </remarks>
    /// <param name="mailbox">The text without angle brackets.</param>
    /// <param name="path">The path, or null when the text is not exactly one.</param>
    public static bool TryParse(ReadOnlySpan<char> mailbox, [NotNullWhen(true)] out MailPath? path)
    {
        path = null;
        if (mailbox.IsEmpty)
        {
            path = Null;
            return true;
        }

        if (mailbox.Length > OctetsMax - 2 || Encoding.UTF8.GetByteCount(mailbox) > OctetsMax - 2)
        {
            return false;
        }

        if (mailbox[0] == '@')
        {
            var route = MeasureSourceRoute(mailbox);
            if (route < 0)
            {
                return false;
            }

            mailbox = mailbox[route..];
        }
        else if (mailbox.Equals(Postmaster, StringComparison.OrdinalIgnoreCase))
        {
            path = new MailPath(mailbox.ToString(), mailbox.Length, null);
            return true;
        }

        var local = LocalPartSyntax.Measure(mailbox);
        if (local < 0 || local == mailbox.Length || mailbox[local] != '@' || !MailDomain.TryParse(mailbox[(local + 1)..], out var domain))
        {
            return false;
        }

        path = new MailPath(mailbox.ToString(), local, domain);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(MailPath? other) =>
        other is not null
        && Text.AsSpan(0, _localLength).SequenceEqual(other.Text.AsSpan(0, other._localLength))
        && Equals(Domain, other.Domain);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MailPath);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(string.GetHashCode(Text.AsSpan(0, _localLength), StringComparison.Ordinal), Domain);

    /// <summary>The path in angle brackets, for logs.</summary>
    public override string ToString() => $"<{Text}>";

    // "@one.example,@two.example:" in front of a mailbox; literals are taken too, since clients send them.
    private static int MeasureSourceRoute(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length && text[at] == '@')
        {
            var start = at + 1;
            var literalEnd = start < text.Length && text[start] == '[' ? text[start..].IndexOf(']') : 0;
            var end = literalEnd < 0 ? -1 : text[(start + literalEnd)..].IndexOfAny(',', ':');
            if (end < 0)
            {
                return -1;
            }

            end += start + literalEnd;
            if (!MailDomain.TryParse(text[start..end], out _))
            {
                return -1;
            }

            at = end + 1;
            if (text[end] == ':')
            {
                return at;
            }
        }

        return -1;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Relay.Policy.Decisions;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Authentication;

namespace Relay.Policy.Documents;

/// <summary>Parsers of the document's smaller texts.</summary>
internal static class PolicyTexts
{
    /// <summary>Longest name of a listener or a limit, in characters.</summary>
    public const int NameMax = 64;

    /// <summary>Longest path of a file, in characters.</summary>
    public const int FileMax = 4096;

    /// <summary>Longest user name, in characters.</summary>
    public const int UserMax = 255;

    /// <summary>Longest wait for the greeting.</summary>
    public static readonly TimeSpan PregreetWaitMax = TimeSpan.FromSeconds(30);

    /// <summary>What stands before the path of a list of recipients.</summary>
    public const string FilePrefix = "file:";

    /// <summary>The next hop knows the recipients.</summary>
    public const string Callout = "callout";

    /// <summary>A name of ours: printable ASCII without spaces, as it stands in logs and metrics.</summary>
    public static bool TryParseName(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        var isName = text.Length is > 0 and <= NameMax && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
        return Take(isName, text, "a name: printable ASCII without spaces, at most 64 characters", out value, out error);
    }

    /// <summary>The name of a listener: anything the node settings may hold, so only its length is looked at here.</summary>
    public static bool TryParseListener(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        var isName = text.Length is > 0 and <= NameMax;
        return Take(isName, text, "the name of a listener", out value, out error);
    }

    /// <summary><c>none</c>, <c>callout</c> or <c>file:</c> and a path.</summary>
    public static bool TryParseRecipients(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        var isFile = text.StartsWith(FilePrefix, StringComparison.Ordinal)
            && text.Length > FilePrefix.Length && text.Length <= FileMax && !text.Contains('\0', StringComparison.Ordinal);
        return Take(isFile || text is "none" or Callout, text, "one of none, callout, file:PATH", out value, out error);
    }

    /// <summary>A user name, as PLAIN and LOGIN can carry it (RFC 4616).</summary>
    public static bool TryParseUser(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        var isUser = text.Length is > 0 and <= UserMax && !text.Any(char.IsControl);
        return Take(isUser, text, "a user name: at most 255 characters, none of them a control character", out value, out error);
    }

    /// <summary>A user of ours, as the user store keeps it, or <c>*</c> for all without an entry.</summary>
    public static bool TryParseIdentity(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        string? name = null;
        if (text is SenderIdentities.AnyUser || (UserName.TryParse(text, out name) && string.Equals(name, text, StringComparison.Ordinal)))
        {
            value = text;
            error = null;
            return true;
        }

        value = null;
        error = name is not null
            ? $"{ErrorText.Quote(text)} would match nobody: users are kept in lower case, so write {ErrorText.Quote(name)}"
            : $"{ErrorText.Quote(text)} can be no user: write * or a name of letters, digits and . - _ + @, a letter or digit first, at most 128 characters";
        return false;
    }

    /// <summary>The path of a file.</summary>
    public static bool TryParseFile(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        var isFile = text.Length is > 0 and <= FileMax && !text.Contains('\0', StringComparison.Ordinal);
        return Take(isFile, text, "the path of a file", out value, out error);
    }

    /// <summary>A mailbox of a named domain, in ASCII: any sender must be able to reach it by any next hop.</summary>
    public static bool TryParsePostmaster(string text, [NotNullWhen(true)] out MailPath? value, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (text.StartsWith('@') || !MailPath.TryParse(text, out value) || value.IsUtf8 || value.Domain is not { Literal: null })
        {
            value = null;
            error = $"{ErrorText.Quote(text)} is not a mailbox: write one like admin@relay.example, in ASCII";
            return false;
        }

        return true;
    }

    /// <summary>A DNS zone.</summary>
    public static bool TryParseZone(string text, [NotNullWhen(true)] out MailDomain? value, [NotNullWhen(false)] out string? error)
    {
        var isZone = DomainName.TryParse(text, out value);
        error = isZone ? null : $"{ErrorText.Quote(text)} is not a domain";
        return isZone;
    }

    /// <summary>A wait for the greeting: a time that clients put up with.</summary>
    public static bool TryParsePregreetWait(string text, out Duration value, [NotNullWhen(false)] out string? error)
    {
        if (!Duration.TryParse(text, out value, out error))
        {
            return false;
        }

        error = value.Value <= PregreetWaitMax ? null : $"{ErrorText.Quote(text)} is out of range: clients wait 1s to {new Duration(PregreetWaitMax)} for a greeting";
        return error is null;
    }

    /// <summary>An answer of a DNS blocklist: an IPv4 address in 127.0.0.0/8 (RFC 5782 section 2.1).</summary>
    public static bool TryParseAnswer(string text, [NotNullWhen(true)] out IPAddress? value, [NotNullWhen(false)] out string? error)
    {
        var isAnswer = CanonicalAddress.TryParse(text, out value, out _)
            && value.AddressFamily == AddressFamily.InterNetwork && value.GetAddressBytes()[0] == 127;
        value = isAnswer ? value : null;
        error = isAnswer ? null : $"{ErrorText.Quote(text)} is not an answer: write an address like 127.0.0.2";
        return value is not null;
    }

    private static bool Take(
        bool fits, string text, string kind, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        value = fits ? text : null;
        error = fits ? null : $"{ErrorText.Quote(text)} is not {kind}";
        return fits;
    }
}

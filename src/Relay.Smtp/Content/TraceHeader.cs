using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Smtp.Addresses;

namespace Relay.Smtp.Content;

/// <summary>Writes the <c>Received:</c> field that a relay puts on top of a message (RFC 5321 section 4.4, RFC 3848, RFC 6531 section 3.7.3, RFC 8314 section 4.3).</summary>
public static class TraceHeader
{
    /// <summary>The most octets that one field takes; lines are at most 998 (RFC 5322 section 2.1.1), 78 where a token allows it.</summary>
    public const int OctetsMax = 2048;

    private const int NameMax = 255;
    private const int AtomMax = 64;
    private const int PathOctetsMax = 900;
    private const int ScratchOctets = 1024;
    private const char Replacement = '?';
    private const string Utf8Prefix = "UTF8";
    private const string DateFormat = "ddd, dd MMM yyyy HH:mm:ss '+0000'";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> LiteralCharacters =
        SearchValues.Create("-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The registered with-value for how a message came.</summary>
    /// <param name="isExtended">The client said EHLO; after HELO it is SMTP whatever else holds.</param>
    /// <param name="isUtf8">MAIL had SMTPUTF8.</param>
    /// <param name="isTls">The connection is under TLS.</param>
    /// <param name="isAuthenticated">The client proved who it is (RFC 4954).</param>
    public static string ProtocolName(bool isExtended, bool isUtf8 = false, bool isTls = false, bool isAuthenticated = false) =>
        (isExtended, isUtf8, isTls, isAuthenticated) switch
        {
            (false, _, _, _) => "SMTP",
            (_, false, false, false) => "ESMTP",
            (_, false, false, true) => "ESMTPA",
            (_, false, true, false) => "ESMTPS",
            (_, false, true, true) => "ESMTPSA",
            (_, true, false, false) => "UTF8SMTP",
            (_, true, false, true) => "UTF8SMTPA",
            (_, true, true, false) => "UTF8SMTPS",
            (_, true, true, true) => "UTF8SMTPSA",
        };

    /// <summary>Writes one field with its final CRLF. Nothing in the facts can add a line, a field or a comment to it.</summary>
    /// <param name="facts">What to tell.</param>
    /// <param name="output">Has room for <see cref="OctetsMax"/> octets.</param>
    /// <returns>Octets written.</returns>
    public static int Write(TraceFacts facts, Span<byte> output)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, OctetsMax, nameof(output));
        Span<byte> scratch = stackalloc byte[ScratchOctets];
        var field = new FoldedField(output);
        field.Word("Received:"u8);
        field.Word("from"u8);
        field.Word(Name(facts.HeloName, scratch));
        if (facts.ClientName is { Literal: null } proven)
        {
            field.Word(Atom(proven.Name, NameMax, scratch, opening: "("u8));
            field.Word(AddressLiteral(facts.ClientAddress, scratch, opening: default));
        }
        else
        {
            field.Word(AddressLiteral(facts.ClientAddress, scratch, opening: "("u8));
        }

        field.Fold();
        field.Word("by"u8);
        field.Word(Name(facts.HostName, scratch));
        field.Word("with"u8);
        field.Word(Atom(facts.Protocol, AtomMax, scratch));
        field.Word("id"u8);
        field.Word(Atom(facts.MessageId, AtomMax, scratch));
        var recipient = facts.OnlyRecipient is { } path ? Path(path, facts.Protocol, scratch) : default;
        if (!recipient.IsEmpty)
        {
            field.Fold();
            field.Word("for"u8);
            field.Word(recipient);
        }

        if (facts.CipherSuite is { } suite)
        {
            field.Fold();
            field.Word("tls"u8);
            field.Word(Atom(suite, AtomMax, scratch));
        }

        field.Mark(";"u8);
        field.Fold();
        facts.At.ToUniversalTime().TryFormat(scratch, out var dateLength, DateFormat, CultureInfo.InvariantCulture);
        field.End(scratch[..dateLength]);
        return field.Length;
    }

    /// <summary>A host's name or address literal; what cannot stand in one is replaced, so that it cannot end the line or open a comment.</summary>
    private static ReadOnlySpan<byte> Name(string? name, Span<byte> scratch)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "unknown"u8;
        }

        var isLiteral = name.Length is > 2 and <= NameMax
            && name[0] == '['
            && name[^1] == ']'
            && !name.AsSpan(1, name.Length - 2).ContainsAnyExcept(LiteralCharacters);
        return isLiteral ? scratch[..Encoding.ASCII.GetBytes(name, scratch)] : Atom(name, NameMax, scratch);
    }

    private static ReadOnlySpan<byte> Atom(string text, int max, Span<byte> scratch, ReadOnlySpan<byte> opening = default)
    {
        if (text.Length == 0)
        {
            return "unknown"u8;
        }

        opening.CopyTo(scratch);
        var length = Math.Min(text.Length, max);
        for (var i = 0; i < length; i++)
        {
            scratch[opening.Length + i] = (byte)(NameCharacters.Contains(text[i]) ? text[i] : Replacement);
        }

        return scratch[..(opening.Length + length)];
    }

    /// <summary>The end of a comment: <c>[192.0.2.1])</c> or <c>[IPv6:2001:db8::1])</c> (RFC 5321 section 4.1.3), behind what opens it.</summary>
    private static ReadOnlySpan<byte> AddressLiteral(IPAddress address, Span<byte> scratch, ReadOnlySpan<byte> opening)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bracket = plain.AddressFamily == AddressFamily.InterNetworkV6 ? "[IPv6:"u8 : "["u8;
        opening.CopyTo(scratch);
        bracket.CopyTo(scratch[opening.Length..]);
        var start = opening.Length + bracket.Length;
        plain.TryFormat(scratch[start..], out var length);
        var scope = scratch.Slice(start, length).IndexOf((byte)'%');
        var end = start + (scope < 0 ? length : scope);
        "])"u8.CopyTo(scratch[end..]);
        return scratch[..(end + 2)];
    }

    /// <summary><c>&lt;path&gt;</c>, or nothing when the path cannot stand in this header.</summary>
    private static ReadOnlySpan<byte> Path(MailPath path, string protocol, Span<byte> scratch)
    {
        if (path.IsNull
            || !PathText.IsSafe(path.Text)
            || Encoding.UTF8.GetByteCount(path.Text) is var octets && octets > PathOctetsMax
            || (octets != path.Text.Length && !protocol.StartsWith(Utf8Prefix, StringComparison.Ordinal)))
        {
            return default;
        }

        scratch[0] = (byte)'<';
        Encoding.UTF8.GetBytes(path.Text, scratch[1..]);
        scratch[octets + 1] = (byte)'>';
        return scratch[..(octets + 2)];
    }
}

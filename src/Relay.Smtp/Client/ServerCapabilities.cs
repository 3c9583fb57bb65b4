using System.Buffers.Text;
using System.Text;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>What a next hop offered in its reply to EHLO (RFC 5321 section 4.1.1.1).</summary>
public sealed class ServerCapabilities
{
    /// <summary>A peer that knows only HELO.</summary>
    public static readonly ServerCapabilities None = new();

    /// <summary>How AUTH was offered before RFC 2554, and by some still is.</summary>
    private static ReadOnlySpan<byte> LegacyAuth => "AUTH="u8;

    /// <summary>EHLO was accepted.</summary>
    public bool IsExtended { get; private init; }

    /// <summary>PIPELINING (RFC 2920).</summary>
    public bool HasPipelining { get; private set; }

    /// <summary>8BITMIME (RFC 6152).</summary>
    public bool Has8BitMime { get; private set; }

    /// <summary>SMTPUTF8 (RFC 6531).</summary>
    public bool HasSmtpUtf8 { get; private set; }

    /// <summary>DSN (RFC 3461).</summary>
    public bool HasDsn { get; private set; }

    /// <summary>ENHANCEDSTATUSCODES (RFC 2034).</summary>
    public bool HasEnhancedStatusCodes { get; private set; }

    /// <summary>CHUNKING (RFC 3030).</summary>
    public bool HasChunking { get; private set; }

    /// <summary>STARTTLS (RFC 3207).</summary>
    public bool HasStartTls { get; private set; }

    /// <summary>AUTH PLAIN (RFC 4616).</summary>
    public bool HasAuthPlain { get; private set; }

    /// <summary>AUTH LOGIN.</summary>
    public bool HasAuthLogin { get; private set; }

    /// <summary>SIZE (RFC 1870), with a limit or without.</summary>
    public bool HasSize { get; private set; }

    /// <summary>The largest message in octets that the peer takes; null when it names no limit (SIZE alone, SIZE 0, or not a number).</summary>
    public long? SizeMax { get; private set; }

    /// <summary>Reads the reply to EHLO. Names are compared in any case; what is unknown is passed over.</summary>
    /// <param name="reply">A parser that holds the complete reply, of any code: the code is not looked at.</param>
    public static ServerCapabilities Parse(ReplyParser reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var capabilities = new ServerCapabilities { IsExtended = true };
        var position = 0;

        // The first line is the peer's name and greeting.
        reply.TryReadLine(ref position, out _);
        while (reply.TryReadLine(ref position, out var line))
        {
            var nameEnd = line.IndexOf((byte)' ');
            var name = nameEnd < 0 ? line : line[..nameEnd];
            var parameters = nameEnd < 0 ? default : line[(nameEnd + 1)..];
            capabilities.Add(name, parameters);
        }

        return capabilities;
    }

    private void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> parameters)
    {
        if (Ascii.EqualsIgnoreCase(name, "PIPELINING"u8))
        {
            HasPipelining = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "8BITMIME"u8))
        {
            Has8BitMime = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "SMTPUTF8"u8))
        {
            HasSmtpUtf8 = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "DSN"u8))
        {
            HasDsn = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "ENHANCEDSTATUSCODES"u8))
        {
            HasEnhancedStatusCodes = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "CHUNKING"u8))
        {
            HasChunking = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "STARTTLS"u8))
        {
            HasStartTls = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "AUTH"u8))
        {
            AddMechanisms(parameters);
        }
        else if (name.Length > LegacyAuth.Length && Ascii.EqualsIgnoreCase(name[..LegacyAuth.Length], LegacyAuth))
        {
            AddMechanisms(name[LegacyAuth.Length..]);
            AddMechanisms(parameters);
        }
        else if (Ascii.EqualsIgnoreCase(name, "SIZE"u8))
        {
            HasSize = true;
            SizeMax = ParseSize(parameters);
        }
    }

    private void AddMechanisms(ReadOnlySpan<byte> names)
    {
        foreach (var range in names.Split((byte)' '))
        {
            HasAuthPlain |= Ascii.EqualsIgnoreCase(names[range], "PLAIN"u8);
            HasAuthLogin |= Ascii.EqualsIgnoreCase(names[range], "LOGIN"u8);
        }
    }

    /// <summary>The limit in octets; null for none: RFC 1870 section 4 gives 0 that meaning, and what is no number says nothing.</summary>
    private static long? ParseSize(ReadOnlySpan<byte> text)
    {
        var digits = text.Trim((byte)' ');
        var isNumber = Utf8Parser.TryParse(digits, out long size, out var length) && length == digits.Length && size > 0;
        return isNumber ? size : null;
    }
}

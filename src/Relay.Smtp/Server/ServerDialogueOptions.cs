using Relay.Smtp.Commands;

namespace Relay.Smtp.Server;

/// <summary>What the dialogues of one listener have in common. One shared instance.</summary>
public sealed record ServerDialogueOptions
{
    /// <summary>The most that <see cref="CommandLineMax"/> may be, in octets with CRLF.</summary>
    public const int CommandLineCeiling = 1024;

    /// <summary>The longest line of any verb, in octets with CRLF: what is longer is skipped unread.</summary>
    internal const int LongestLineMax = CommandLineCeiling + CommandLimits.MailIncrement;

    private const int DefaultCommandLineMax = 512;

    /// <summary>Our name in the greeting and in EHLO replies: a fully qualified domain name.</summary>
    public required string HostName { get; init; }

    /// <summary>Offer and accept STARTTLS (RFC 3207). Default: false.</summary>
    public bool OfferStartTls { get; init; }

    /// <summary>No mail and no AUTH before STARTTLS: 530 5.7.0 (RFC 3207 section 4). Only together with <see cref="OfferStartTls"/>. Default: false.</summary>
    public bool RequireTls { get; init; }

    /// <summary>Offer and accept AUTH under TLS (RFC 4954). Default: false.</summary>
    public bool OfferAuthentication { get; init; }

    /// <summary>Take no mail before AUTH (RFC 6409 section 4.3); offer it as well. Default: false.</summary>
    public bool RequireAuthentication { get; init; }

    /// <summary>Failed logins of one connection: at this one it gets 421 4.7.0 and the connection ends. Default: 3, as Exchange.</summary>
    public int FailedLoginsMax { get; init; } = 3;

    /// <summary>
    /// Command line in octets with CRLF (RFC 5321 section 4.5.3.1.4). MAIL and RCPT get the increments of their extensions on top. Default:
    /// 512.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 512 to <see cref="CommandLineCeiling"/>.</exception>
    public int CommandLineMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, DefaultCommandLineMax);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, CommandLineCeiling);
            field = value;
        }
    }

    = DefaultCommandLineMax;

    /// <summary>Refused commands of one connection; the next one gets 421 4.7.0 and the connection ends. Default: 20.</summary>
    public int ErrorsMax { get; init; } = 20;

    /// <summary>
    /// Commands that carry no mail (NOOP, RSET, VRFY, HELO, …) between two messages; the next one gets 421 4.7.0. Default: 100.
    /// </summary>
    public int JunkCommandsMax { get; init; } = 100;

    /// <summary>Header section in octets. Default: 256 KiB.</summary>
    public int HeaderBytesMax { get; init; } = 256 * 1024;

    /// <summary>Header fields. Default: 1000.</summary>
    public int HeaderFieldsMax { get; init; } = 1000;

    /// <summary>Content line in octets without CRLF (RFC 5321 section 4.5.3.1.6). Default: 998.</summary>
    public int LineMax { get; init; } = 998;
}

namespace Relay.Smtp.Commands;

/// <summary>How long command lines may be, in octets with CRLF.</summary>
internal static class CommandLimits
{
    /// <summary>A line without an end is given up here, and the connection with it.</summary>
    public const int EndlessLineMax = 64 * 1024;

    /// <summary>AUTH and the responses that follow it (RFC 4954 section 4), whatever other commands may have.</summary>
    public const int AuthLineMax = 12288;

    private const int SizeIncrement = 26; // RFC 1870 section 3
    private const int BodyIncrement = 17; // RFC 6152 section 2
    private const int SmtpUtf8Increment = 10; // RFC 6531 section 3.1
    private const int DsnIncrement = 500; // RFC 3461: ORCPT alone may have 500
    private const int AuthIncrement = 500; // RFC 4954 section 3

    /// <summary>What MAIL may have more than other commands: the longest line there is.</summary>
    public const int MailIncrement = SizeIncrement + BodyIncrement + SmtpUtf8Increment + DsnIncrement + AuthIncrement;

    /// <summary>The limit of a verb: the plain one and the increments of its extensions.</summary>
    public static int MaxOf(SmtpVerb verb, int plain) => verb switch
    {
        SmtpVerb.Mail => plain + MailIncrement,
        SmtpVerb.Rcpt => plain + DsnIncrement,
        SmtpVerb.Auth => AuthLineMax,
        _ => plain,
    };
}

namespace Relay.Smtp.Commands;

/// <summary>How long command lines may be, in octets with CRLF.</summary>
internal static class CommandLimits
{
    /// <summary>A line without an end is given up here, and the connection with it.</summary>
    public const int EndlessLineMax = 64 * 1024;

    private const int SizeIncrement = 26; // RFC 1870 section 3
    private const int BodyIncrement = 17; // RFC 6152 section 2
    private const int SmtpUtf8Increment = 10; // RFC 6531 section 3.1
    private const int DsnIncrement = 500; // RFC 3461: ORCPT alone may have 500
    private const int AuthIncrement = 500; // RFC 4954 section 3

    /// <summary>What MAIL may have more than other commands: the longest line there is.</summary>
    public const int MailIncrement = SizeIncrement + BodyIncrement + SmtpUtf8Increment + DsnIncrement + AuthIncrement;

    /// <summary>The increment of a verb's extensions over the plain limit.</summary>
    public static int IncrementOf(SmtpVerb verb) => verb switch
    {
        SmtpVerb.Mail => MailIncrement,
        SmtpVerb.Rcpt => DsnIncrement,
        _ => 0,
    };
}

using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>What we say to EHLO.</summary>
internal static class EhloReply
{
    /// <summary>The reply with our extensions. SIZE has the limit in force; STARTTLS is there only where it will be accepted.</summary>
    public static SmtpReply Build(string hostName, long sizeMax, bool offerStartTls)
    {
        var lines = new List<string>(9)
        {
            hostName,
            "PIPELINING",
            $"SIZE {sizeMax}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
        };
        if (offerStartTls)
        {
            lines.Add("STARTTLS");
        }

        lines.Add("DSN");
        return new SmtpReply(250, EnhancedStatus.None, lines);
    }
}

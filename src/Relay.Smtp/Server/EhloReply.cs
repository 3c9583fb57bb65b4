using Relay.Smtp.Authentication;
using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>What we say to EHLO.</summary>
internal static class EhloReply
{
    /// <summary>The reply with our extensions. SIZE has the limit in force; STARTTLS and AUTH are there only where they will be accepted.</summary>
    public static SmtpReply Build(string hostName, long sizeMax, bool offerStartTls, bool offerAuth, bool hasIdentity)
    {
        var lines = new List<string>(10)
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

        if (offerAuth)
        {
            lines.Add(hasIdentity ? SaslMechanisms.OfferWithExternal : SaslMechanisms.Offer);
        }

        lines.Add("DSN");
        return new SmtpReply(250, EnhancedStatus.None, lines);
    }
}

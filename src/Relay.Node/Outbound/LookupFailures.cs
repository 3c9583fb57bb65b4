using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Outbound;

/// <summary>What becomes of mail whose next hop cannot be found.</summary>
internal static class LookupFailures
{
    /// <summary>The domain says that it takes no mail (RFC 7505).</summary>
    public static readonly RecipientOutcome NullMx = Bounced(556, new(5, 1, 10), "The domain accepts no mail (null MX)");

    /// <summary>There is no such domain.</summary>
    public static readonly RecipientOutcome NoSuchDomain = Bounced(550, new(5, 1, 2), "The domain does not exist");

    /// <summary>The domain is none for mail.</summary>
    public static readonly RecipientOutcome NoAddress = Bounced(550, new(5, 4, 4), "The domain has neither mail exchangers nor an address");

    /// <summary>Nobody can connect to what the MX records name.</summary>
    public static readonly RecipientOutcome NoHostName = Bounced(550, new(5, 4, 4), "The domain's mail exchangers are no host names");

    /// <summary>MX records, and no address behind any of them.</summary>
    public static readonly RecipientOutcome NoHostAddress = Bounced(550, new(5, 4, 4), "The domain's mail exchangers have no address");

    /// <summary>Policy does not let mail go there.</summary>
    public static readonly RecipientOutcome Forbidden =
        Bounced(550, new(5, 4, 4), "The domain's mail exchangers lie in networks that are not connected to");

    /// <summary>We are the best of the domain's mail exchangers, and have no other place for its mail (RFC 5321 section 5.1).</summary>
    public static readonly RecipientOutcome Loop = Bounced(554, new(5, 4, 6), "Mail for the domain loops back to this host");

    /// <summary>It may pass.</summary>
    /// <param name="problem">What was asked for in vain.</param>
    public static RecipientOutcome Temporary(string problem) => new(OutcomeKind.Deferred, ClientStage.Connect, new SmtpReply(451, new(4, 4, 3), problem));

    private static RecipientOutcome Bounced(int code, EnhancedStatus status, string text) =>
        new(OutcomeKind.Bounced, ClientStage.Connect, new SmtpReply(code, status, text));
}

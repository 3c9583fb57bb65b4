using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Messages.Destinations;

/// <summary>What the queue and whoever looks up next-hop sites say to each other.</summary>
public static class SiteMessages
{
    /// <summary>Queue to the sites' actor: which site serves this domain by MX? Answered with <see cref="SiteResolved"/>, always and once.</summary>
    /// <param name="Domain">The recipients' domain.</param>
    /// <param name="Sender">Whose mail it is for, as a destination is shared out: look-ups are shared out in the same way.</param>
    /// <param name="MayWait">True for mail without a sender, for a domain that gave no answer the last time, and where the site of before serves meanwhile.</param>
    public sealed record ResolveSite(MailDomain Domain, string Sender, bool MayWait);

    /// <summary>The answer: exactly one of <paramref name="Site"/> and <paramref name="Failure"/> is set.</summary>
    /// <param name="Domain">The domain that was asked for.</param>
    /// <param name="Site">The site that serves it.</param>
    /// <param name="Failure">Deferred for trouble that may pass, Bounced for a domain that takes no mail.</param>
    /// <param name="ValidFor">How long the answer may be used: for a site the records' TTL within bounds, for a failure the time to ask again.</param>
    public sealed record SiteResolved(MailDomain Domain, DestinationKey? Site, RecipientOutcome? Failure, TimeSpan ValidFor);
}

using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Sites;

/// <summary>Finds the next-hop site of a domain.</summary>
public interface ISiteResolver
{
    /// <summary>Which hosts take the mail of a domain (RFC 5321 section 5.1, RFC 7505). DNS trouble is an outcome, never an exception.</summary>
    /// <param name="domain">A recipient's domain, or an address literal.</param>
    /// <param name="tls">What connections to the site will demand of TLS; part of its key.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    Task<SiteMessages.SiteResolved> ResolveAsync(MailDomain domain, TlsLevel tls, CancellationToken cancellation);
}

using Relay.Node.Dns;
using Relay.Node.Outbound;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Node.Inquiries;

/// <summary>Finds out whether a sender's domain could take an answer, as if we had mail for it (RFC 2505 section 2.9, RFC 7505).</summary>
internal static class SenderDomainLookup
{
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<SenderDomainFinding> FindAsync(MailDomain domain, IQuestions questions, CancellationToken cancellation)
    {
        var site = await new SiteLookup(questions).ResolveAsync(domain, TlsLevel.May, cancellation).ConfigureAwait(false);
        return site.Failure is not { } failure ? SenderDomainFinding.TakesMail
            : failure.Kind == OutcomeKind.Deferred ? SenderDomainFinding.Trouble
            : failure == LookupFailures.NullMx ? SenderDomainFinding.NullMx
            : SenderDomainFinding.Unknown;
    }
}

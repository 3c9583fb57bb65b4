using Relay.Smtp.Addresses;
using Relay.Smtp.Client;

namespace Relay.Actors.Queues;

/// <summary>A recipient domain: which site serves it, and what waits until that is known.</summary>
internal sealed class DomainLane
{
    public DomainLane(MailDomain domain)
    {
        Domain = domain;
    }

    public MailDomain Domain { get; }

    /// <summary>The site that serves it, or null while none is known.</summary>
    public SiteBacklog? Site { get; set; }

    /// <summary>The policy version that <see cref="Site"/> was found by; -1 before the first time.</summary>
    public long PolicyVersion { get; set; } = -1;

    /// <summary>From when the site is to be asked for again; for a route never.</summary>
    public DateTimeOffset ValidUntil { get; set; }

    /// <summary>The question for its site is on its way.</summary>
    public bool IsResolving { get; set; }

    /// <summary>That question lets others go first: no mail with a sender has waited for it yet.</summary>
    public bool IsAskedPatiently { get; set; }

    /// <summary>Look-ups that failed in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Not asked for again before this, while look-ups fail.</summary>
    public DateTimeOffset RetryAt { get; set; }

    /// <summary>How the last look-up failed; null when it did not.</summary>
    public RecipientOutcome? LastFailure { get; set; }

    /// <summary>Due, and waiting for the site to be known.</summary>
    public Queue<RecipientGroup> Pending { get; } = new(0);

    /// <summary>Groups of recipients anywhere in the queue that belong here.</summary>
    public int Groups { get; set; }

    /// <summary>The group made last: while a message is admitted, its recipients in one domain find each other by it.</summary>
    public RecipientGroup? Newest { get; set; }

    /// <summary>True while it stands in the list of lanes that may be forgotten.</summary>
    public bool IsListedIdle { get; set; }
}

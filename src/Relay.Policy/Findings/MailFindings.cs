namespace Relay.Policy.Findings;

/// <summary>What others said of one mail's client and sender. Decisions stay pure: whoever asks DNS hands the answers over in here.</summary>
/// <remarks>The one place where more of such verdicts (SPF, DKIM, DMARC) join the others.</remarks>
public sealed record MailFindings
{
    /// <summary>Nothing was asked.</summary>
    public static readonly MailFindings None = new();

    /// <summary>The client's proven host name.</summary>
    public HostNameFinding ClientName { get; init; } = HostNameFinding.NotAsked;

    /// <summary>Whether the sender's domain can take mail.</summary>
    public SenderDomainFinding SenderDomain { get; init; }

    /// <summary>What the DNS lists that were asked say of the client; a list that did not answer in time is not in here.</summary>
    public IReadOnlyList<DnsListFinding> Lists { get; init; } = [];
}

namespace Relay.Policy.Findings;

/// <summary>What DNS says of a sender's domain (RFC 2505 section 2.9).</summary>
public enum SenderDomainFinding
{
    /// <summary>Nobody asked, or there is nothing to ask: the null path, an address literal.</summary>
    NotAsked,

    /// <summary>It has mail exchangers, or an address.</summary>
    TakesMail,

    /// <summary>There is no such domain, or it has neither mail exchangers nor an address.</summary>
    Unknown,

    /// <summary>It says that it takes no mail (RFC 7505).</summary>
    NullMx,

    /// <summary>DNS did not answer, or said that it cannot tell.</summary>
    Trouble,
}

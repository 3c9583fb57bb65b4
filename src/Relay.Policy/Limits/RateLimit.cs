namespace Relay.Policy.Limits;

/// <summary>An entry of <c>limits</c>.</summary>
/// <param name="Name">Its name, unique in the document.</param>
/// <param name="Key">What is counted together, in order, each part once; never empty.</param>
/// <param name="Unit">What of it is counted.</param>
/// <param name="Budget">How much.</param>
public sealed record RateLimit(string Name, IReadOnlyList<LimitKeyPart> Key, LimitUnit Unit, LimitBudget Budget)
{
    /// <summary>Most limits in one document: each costs time for every mail.</summary>
    public const int LimitsMax = 32;

    /// <summary><c>for</c>: whose mail is counted.</summary>
    public LimitAudience Audience { get; init; }

    /// <summary><c>unproven</c>: what anyone can claim counts from strangers too.</summary>
    public bool CountsUnproven { get; init; }

    /// <summary>True when anyone can have mail counted under a key of anyone else: nothing in the key is proven.</summary>
    public bool IsClaimable => Key.All(static part => part is LimitKeyPart.SenderDomain or LimitKeyPart.RecipientDomain);
}

/// <summary>One thing that a limit counts by.</summary>
public enum LimitKeyPart
{
    /// <summary><c>client</c>: an IPv4 address, or an IPv6 /64.</summary>
    Client,

    /// <summary><c>network</c>: an IPv4 /24, or an IPv6 /48.</summary>
    Network,

    /// <summary><c>user</c>: who logged in. Mail without a login is not counted.</summary>
    User,

    /// <summary><c>senderDomain</c>: the domain of the reverse-path; the null path is one of its own.</summary>
    SenderDomain,

    /// <summary><c>recipientDomain</c>: the domain of a recipient.</summary>
    RecipientDomain,
}

/// <summary>What a limit counts.</summary>
public enum LimitUnit
{
    /// <summary><c>messages</c>: granted MAIL commands, whatever becomes of them.</summary>
    Messages,

    /// <summary><c>recipients</c>: accepted recipients.</summary>
    Recipients,

    /// <summary><c>bytes</c>: octets of content.</summary>
    Bytes,

    /// <summary><c>connections</c>: connections that are greeted.</summary>
    Connections,
}

/// <summary>Whose mail a limit counts.</summary>
public enum LimitAudience
{
    /// <summary><c>all</c>.</summary>
    All,

    /// <summary><c>untrusted</c>: of clients that neither logged in nor have a right to relay.</summary>
    Untrusted,
}

/// <summary><c>onLimitUnavailable</c>: what happens while a limit cannot be asked.</summary>
public enum LimitFallback
{
    /// <summary><c>localShare</c>: each node gives out its part of the rate, beginning with nothing.</summary>
    LocalShare,

    /// <summary><c>defer</c>: <c>450 4.7.1</c>.</summary>
    Defer,

    /// <summary><c>allow</c>: the limit does not hold meanwhile.</summary>
    Allow,
}

using Relay.Policy.Values;

namespace Relay.Policy.Documents;

/// <summary><c>senders</c>: which senders may be named. Any by default.</summary>
public sealed record SenderRules
{
    /// <summary><c>senders.rules</c>: in order, the first that matches counts.</summary>
    public IReadOnlyList<SenderRule> Rules { get; init; } = [];

    /// <summary><c>senders.block</c>: senders that are refused unless a rule matches.</summary>
    public IReadOnlyList<SenderPattern> Block { get; init; } = [];

    /// <summary><c>senders.ownDomainsFromOutside: requireAuthentication</c>: from outside nobody may send as one of our domains.</summary>
    public bool RequireAuthenticationForOwnDomains { get; init; }

    /// <summary><c>senders.unknownDomains</c>: what becomes of senders whose domain can take no mail. They are accepted by default.</summary>
    public RuleAction UnknownDomains { get; init; }

    /// <summary><c>senders.identities</c>: the senders of each authenticated user, <c>*</c> for users without an entry; null: any
    /// sender.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SenderPattern>>? Identities { get; init; }
}

/// <summary>An entry of <c>senders.rules</c>.</summary>
/// <param name="Sender">The senders.</param>
/// <param name="Action">What becomes of their mail.</param>
public sealed record SenderRule(SenderPattern Sender, RuleAction Action);

/// <summary>An entry of <c>clients</c>: a network or a name.</summary>
/// <param name="Network">The clients by address; null for a rule by name.</param>
/// <param name="Name">The clients by their proven host name; null for a rule by network.</param>
/// <param name="Action">What becomes of their mail. Accept frees from other checks, and never gives the right to relay.</param>
public sealed record ClientRule(NetworkRange? Network, DomainPattern? Name, RuleAction Action)
{
    /// <summary>The network or the name in canonical text.</summary>
    public string Text => Network?.ToString() ?? Name!.ToString();
}

/// <summary>What a rule about clients or senders does.</summary>
public enum RuleAction
{
    /// <summary>Take the mail as far as this rule goes.</summary>
    Accept,

    /// <summary>A 4xx reply.</summary>
    Defer,

    /// <summary>A 5xx reply.</summary>
    Reject,
}

/// <summary>The words of <see cref="RuleAction"/> in policies.</summary>
internal static class RuleActions
{
    /// <summary>The action of a word that was checked; accept without one.</summary>
    public static RuleAction Parse(JsonValue? word) => word?.Parsed switch
    {
        "reject" => RuleAction.Reject,
        "defer" => RuleAction.Defer,
        _ => RuleAction.Accept,
    };
}

using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Limits;

/// <summary><c>limits</c>, compiled: which limits count for a connection, a mail or a recipient, and under which keys.</summary>
public sealed class LimitRules
{
    private static readonly IReadOnlyList<LimitClaim> Nothing = [];

    private readonly RelayRights _rights;
    private readonly LimitRule[] _connections;
    private readonly LimitRule[] _mails;
    private readonly LimitRule[] _recipients;

    internal LimitRules(IReadOnlyList<RateLimit> limits, LimitFallback fallback, RelayRights rights, RuleBook book)
    {
        _rights = rights;
        Fallback = fallback;
        All = [.. limits.Select(limit => new LimitRule(limit, book.Entry("limits", limit.Name)))];
        _connections = [.. All.Where(static rule => rule.Limit.Unit == LimitUnit.Connections)];
        _recipients = [.. All.Where(static rule => rule.Limit.Unit != LimitUnit.Connections && IsByRecipient(rule.Limit))];
        _mails = [.. All.Except(_connections).Except(_recipients)];
        AsksForFirstOfDomain = _recipients.Any(static rule => rule.Limit.Unit != LimitUnit.Recipients);
    }

    /// <summary>All limits, in order.</summary>
    public IReadOnlyList<LimitRule> All { get; }

    /// <summary>What happens while a limit cannot be asked.</summary>
    public LimitFallback Fallback { get; }

    /// <summary>True when a limit counts a mail once for each domain of its recipients.</summary>
    public bool AsksForFirstOfDomain { get; }

    /// <summary>What a connection takes, before its greeting.</summary>
    public IReadOnlyList<LimitClaim> ForConnection(in ClientFacts client) => Claims(_connections, client, null, null, 1, isFirstOfDomain: true);

    /// <summary>What a mail takes at MAIL.</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="sender">The reverse-path.</param>
    /// <param name="size">Octets that the client declared; null without.</param>
    public IReadOnlyList<LimitClaim> ForMail(in ClientFacts client, MailPath sender, long? size) =>
        Claims(_mails, client, sender, null, size, isFirstOfDomain: true);

    /// <summary>What an accepted recipient takes.</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="sender">The reverse-path.</param>
    /// <param name="recipient">The recipient, resolved: with a domain.</param>
    /// <param name="size">Octets that the client declared; null without.</param>
    /// <param name="isFirstOfDomain">True for the mail's first recipient in its domain.</param>
    public IReadOnlyList<LimitClaim> ForRecipient(
        in ClientFacts client, MailPath sender, MailPath recipient, long? size, bool isFirstOfDomain) =>
        Claims(_recipients, client, sender, recipient, size, isFirstOfDomain);

    private static bool IsByRecipient(RateLimit limit) =>
        limit.Unit == LimitUnit.Recipients || limit.Key.Contains(LimitKeyPart.RecipientDomain);

    private IReadOnlyList<LimitClaim> Claims(
        LimitRule[] rules, in ClientFacts client, MailPath? sender, MailPath? recipient, long? size, bool isFirstOfDomain)
    {
        if (rules.Length == 0)
        {
            return Nothing;
        }

        var isTrusted = client.User is not null || _rights.Decide(client, trace: null).IsAccept;
        List<LimitClaim>? claims = null;
        foreach (var rule in rules)
        {
            var limit = rule.Limit;
            if (Counts(limit, client, isTrusted) && (isFirstOfDomain || limit.Unit == LimitUnit.Recipients))
            {
                // A mail of unknown size may begin while anything is left; the rest is debited once it is there.
                var cost = limit.Unit == LimitUnit.Bytes ? Math.Max(1, size ?? 1) : 1;
                claims ??= new List<LimitClaim>(rules.Length);
                claims.Add(new LimitClaim(rule, KeyOf(limit, client, sender, recipient), cost, client.Address));
            }
        }

        return claims ?? Nothing;
    }

    private static bool Counts(RateLimit limit, in ClientFacts client, bool isTrusted) =>
        (limit.Audience == LimitAudience.All || !isTrusted)
        && (client.User is not null || !limit.Key.Contains(LimitKeyPart.User))
        && (isTrusted || limit.CountsUnproven || !limit.IsClaimable);

    private static string KeyOf(RateLimit limit, in ClientFacts client, MailPath? sender, MailPath? recipient)
    {
        var values = new string[limit.Key.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = limit.Key[i] switch
            {
                LimitKeyPart.Client => LimitKeys.ClientOf(client.Address),
                LimitKeyPart.Network => LimitKeys.NetworkOf(client.Address),
                LimitKeyPart.User => client.User!,
                LimitKeyPart.SenderDomain => DomainOf(sender),
                _ => DomainOf(recipient),
            };
        }

        return LimitKeys.Of(limit.Name, values);
    }

    private static string DomainOf(MailPath? path) => path?.Domain?.Name ?? "<>";
}

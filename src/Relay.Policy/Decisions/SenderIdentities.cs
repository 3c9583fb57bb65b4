using System.Collections.Frozen;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Decisions;

/// <summary><c>senders.identities</c>, compiled: which senders an authenticated user may name.</summary>
internal sealed class SenderIdentities
{
    /// <summary>The entry of users that have none of their own.</summary>
    public const string AnyUser = "*";

    private readonly FrozenDictionary<string, Identity> _users;
    private readonly Identity _others;

    private SenderIdentities(IReadOnlyDictionary<string, IReadOnlyList<SenderPattern>> identities, RuleBook book)
    {
        // Both the document and who logged in name users in the one form that the user store keeps.
        _users = identities.ToFrozenDictionary(
            entry => entry.Key,
            entry => new Identity(entry.Value, book.Entry("senders.identities", entry.Key)),
            StringComparer.Ordinal);
        _others = _users.GetValueOrDefault(AnyUser) ?? new Identity([], book.Key("senders.identities"));
    }

    /// <summary>Compiles the map; null for no map, where everyone may name any sender.</summary>
    public static SenderIdentities? Of(IReadOnlyDictionary<string, IReadOnlyList<SenderPattern>>? identities, RuleBook book) =>
        identities is null ? null : new SenderIdentities(identities, book);

    /// <summary>May the user name this sender? Null when the map has no say: without authentication, and for the null path.</summary>
    public Verdict? Decide(string? user, MailPath sender)
    {
        if (user is null || sender.IsNull)
        {
            return null;
        }

        var identity = _users.GetValueOrDefault(user) ?? _others;
        return identity.Senders.Find(sender) ?? Verdicts.NotYourSender(identity.Rule, sender);
    }

    private sealed class Identity(IReadOnlyList<SenderPattern> senders, PolicyRule rule)
    {
        public PolicyRule Rule { get; } = rule;

        public SenderTable<Verdict> Senders { get; } = TableOf(senders, Verdicts.Accept(rule));

        private static SenderTable<Verdict> TableOf(IReadOnlyList<SenderPattern> senders, Verdict accept) =>
            new(senders.Select(pattern => KeyValuePair.Create(pattern, accept)));
    }
}

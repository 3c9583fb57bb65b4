using System.Collections.Frozen;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;

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

        var identity = Of(user);
        return identity.Senders.Find(sender) ?? Verdicts.NotYourSender(identity.Rule, sender);
    }

    /// <summary>May the user's mail have a From header that names these addresses? Null when nothing is against it.</summary>
    /// <remarks>
    /// An address of ours that any reader may see must be the user's own, and of the others one: a name that is shown may hold an address of
    /// somebody else, as that of a ticket or a list does.
    /// </remarks>
    /// <param name="user">Who is logged in.</param>
    /// <param name="names">What the header can be read to name; null: any.</param>
    /// <param name="isOurs">Is the domain an accepted one?</param>
    /// <param name="mayBeOurs">Whether a name that cannot be told may be one of ours.</param>
    public Verdict? DecideHeader(string user, FromNames? names, Func<MailDomain, bool> isOurs, bool mayBeOurs)
    {
        var identity = Of(user);
        var isOwn = names is not null
            && !(names.HoldsUnclear && mayBeOurs)
            && names.Addresses.All(author => !isOurs(author.Domain!) || identity.Senders.Find(author) is not null)
            && (names.Addresses.Count == 0 || names.Addresses.Any(author => identity.Senders.Find(author) is not null));
        return isOwn ? null : Verdicts.NotYourFrom(identity.Rule);
    }

    private Identity Of(string user) => _users.GetValueOrDefault(user) ?? _others;

    private sealed class Identity(IReadOnlyList<SenderPattern> senders, PolicyRule rule)
    {
        public PolicyRule Rule { get; } = rule;

        public SenderTable<Verdict> Senders { get; } = TableOf(senders, Verdicts.Accept(rule));

        private static SenderTable<Verdict> TableOf(IReadOnlyList<SenderPattern> senders, Verdict accept) =>
            new(senders.Select(pattern => KeyValuePair.Create(pattern, accept)));
    }
}

using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;

namespace Relay.Policy.Decisions;

/// <summary>What refuses a mail for its client or its sender, whoever the recipient is. It only refuses: it never gives a right.</summary>
/// <remarks>
/// In order: <c>clients</c>, <c>senders.rules</c> and <c>senders.block</c>, then for clients without a right to relay what DNS says of the
/// sender's domain, <c>senders.ownDomainsFromOutside</c>, and the DNS lists. A client that <c>clients</c> accepts is free of all of it.
/// </remarks>
internal sealed class Admission
{
    private readonly RelayRights _rights;
    private readonly DomainTable<Verdict> _ours;
    private readonly ClientRules _clients;
    private readonly SenderGate _senders;
    private readonly DnsLists _lists;
    private readonly Verdict? _ownDomains;
    private readonly Verdict? _ownDomainsInHeader;
    private readonly bool _namesAll;
    private readonly bool _isOpen;
    private readonly Inquiry[] _inquiries;

    /// <summary>Compiles a document's rules.</summary>
    /// <param name="document">The document.</param>
    /// <param name="rights">Who may relay.</param>
    /// <param name="ours">The accepted domains.</param>
    /// <param name="book">Names the rules.</param>
    public Admission(PolicyDocument document, RelayRights rights, DomainTable<Verdict> ours, RuleBook book)
    {
        _rights = rights;
        _ours = ours;
        _clients = new ClientRules(document.Clients, book);
        _senders = new SenderGate(document.Senders, book);
        _lists = new DnsLists(document, book);
        if (document.Senders.RequireAuthenticationForOwnDomains)
        {
            var source = book.Key("senders.ownDomainsFromOutside");
            _ownDomains = Verdicts.OwnDomainFromOutside(source);
            _ownDomainsInHeader = Verdicts.OwnDomainInHeader(source);
        }

        HasUnicodeDomains = document.AcceptedDomains.Any(pattern => pattern.Domain?.IsUnicode == true);
        _namesAll = document.ClientNames;
        _isOpen = _clients.Count == 0 && !_senders.HasRules && _lists.Zones.Count == 0 && _ownDomains is null;
        _inquiries = [.. Enumerable.Range(0, 8).Select(bits =>
            bits == 0 ? Inquiry.Nothing : new Inquiry((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0 ? _lists.Zones : []))];
    }

    /// <summary>True when a name that cannot be told may be ours: any domain outside ASCII. A stranger has no need to be unclear.</summary>
    public bool HasUnicodeDomains { get; }

    /// <summary>The zones of all DNS lists.</summary>
    public IReadOnlyList<MailDomain> ListZones => _lists.Zones;

    /// <summary>What is to be asked before <see cref="Refuse"/>: only what can change its answer.</summary>
    public Inquiry InquiryFor(in ClientFacts client, MailPath sender)
    {
        if (_isOpen || HasRight(client))
        {
            return Inquire(_namesAll);
        }

        var network = _clients.FindNetwork(client);
        var asksName = _clients.AsksName(network);
        var rule = _senders.Find(sender);
        if (!asksName && (network is not null || rule is { IsAccept: false }))
        {
            return Inquire(_namesAll);
        }

        return Inquire(
            asksName || _namesAll,
            senderDomain: _senders.AsksDomain && rule is null && IsForeign(sender),
            lists: _lists.Zones.Count > 0 && rule is not { IsAccept: false });
    }

    /// <summary>The refusal of a mail for its client or its sender; null when nothing is against it.</summary>
    public Verdict? Refuse(in ClientFacts client, MailPath sender, MailFindings findings, PolicyTrace? trace)
    {
        if (_isOpen)
        {
            return null;
        }

        var hasRight = HasRight(client);
        var found = FindClient(client, findings, hasRight);
        trace?.Client(_clients.Count, client, hasRight ? HostNameFinding.NotAsked : findings.ClientName, found);
        var refusal = found.Verdict is { } verdict
            ? (verdict.IsAccept ? null : verdict)
            : RefuseSender(client, sender, findings, hasRight, trace);
        if (refusal is not { Action: VerdictAction.Refuse } || found.Doubt is null)
        {
            return refusal;
        }

        trace?.Decided("clients", $"{found.Doubt.Rule} may accept the client, and its name cannot be looked up", found.Doubt);
        return found.Doubt;
    }

    /// <summary>The blocklists that have the client and do not refuse it.</summary>
    public IReadOnlyList<ListMark> MarksOf(in ClientFacts client, MailFindings findings) =>
        findings.Lists.Count == 0 || HasRight(client) || FindClient(client, findings, hasRight: false).Verdict is { IsAccept: true }
            ? []
            : _lists.MarksOf(findings.Lists);

    /// <summary>True when a rule or an allow-list knows the client, or it has a right to relay: it is no stranger.</summary>
    public bool IsKnown(in ClientFacts client, MailFindings findings) =>
        HasRight(client)
        || FindClient(client, findings, hasRight: false).Verdict is { IsAccept: true }
        || _lists.IsAllowed(findings.Lists, trace: null);

    /// <summary>True when the From header of the client's mail is to be looked at.</summary>
    public bool AsksForHeaderFrom(in ClientFacts client, MailFindings findings) =>
        _ownDomainsInHeader is not null
        && IsOutside(client)
        && FindClient(client, findings, hasRight: false).Verdict is not { IsAccept: true };

    /// <summary>The refusal of a mail whose From header claims one of our domains; null when none of them is ours.</summary>
    public Verdict? RefuseHeaderFrom(in ClientFacts client, FromNames? names, MailFindings findings)
    {
        if (!AsksForHeaderFrom(client, findings) || (names is not null && !MayBeOurs(names)))
        {
            return null;
        }

        return FindClient(client, findings, hasRight: false).Doubt ?? _ownDomainsInHeader;
    }

    /// <summary>True for an accepted domain.</summary>
    public bool IsOurs(MailDomain domain) => domain.Literal is null && _ours.Find(domain) is not null;

    private Verdict? RefuseSender(in ClientFacts client, MailPath sender, MailFindings findings, bool hasRight, PolicyTrace? trace)
    {
        var rule = _senders.Find(sender);
        if (rule is not null)
        {
            trace?.Looked("senders", sender, rule);
        }

        if (rule is { IsAccept: false })
        {
            return rule;
        }

        if (hasRight)
        {
            return null;
        }

        if (rule is null && IsForeign(sender) && _senders.DecideDomain(findings.SenderDomain) is { } unknown)
        {
            trace?.Decided("senders.unknownDomains", $"the sender's domain: {findings.SenderDomain}", unknown);
            return unknown;
        }

        if (_ownDomains is not null && client.User is null && (sender.IsBarePostmaster || (sender.Domain is { } domain && IsOurs(domain))))
        {
            trace?.Decided("senders.ownDomainsFromOutside", $"{sender} is of ours, and the client is neither authenticated nor may it relay", _ownDomains);
            return _ownDomains;
        }

        return _lists.Decide(findings.Lists, trace);
    }

    /// <summary>The names of clients with a right to relay are not asked for, so no rule by name is for them.</summary>
    private ClientFinding FindClient(in ClientFacts client, MailFindings findings, bool hasRight) =>
        _clients.Count == 0 ? default : _clients.Decide(client, hasRight ? HostNameFinding.NotAsked : findings.ClientName);

    private bool HasRight(in ClientFacts client) => _rights.Decide(client, trace: null).IsAccept;

    private bool IsOutside(in ClientFacts client) => client.User is null && !HasRight(client);

    private bool MayBeOurs(FromNames names) => (names.HoldsUnclear && HasUnicodeDomains) || names.Domains.Any(IsOurs);

    /// <summary>True for a sender whose domain DNS can be asked about: ours we know.</summary>
    private bool IsForeign(MailPath sender) => sender.Domain is { Literal: null } domain && !IsOurs(domain);

    private Inquiry Inquire(bool name, bool senderDomain = false, bool lists = false) =>
        _inquiries[(name ? 1 : 0) | (senderDomain ? 2 : 0) | (lists ? 4 : 0)];
}

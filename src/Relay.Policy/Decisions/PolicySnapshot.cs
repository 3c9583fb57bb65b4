using System.Net;
using Relay.Policy.Accounts;
using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Limits;
using Relay.Policy.Penalties;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;
using Relay.Smtp.Server;

namespace Relay.Policy.Decisions;

/// <summary>A policy, compiled: immutable, safe for any number of threads, and free of allocation where it says yes or no.</summary>
/// <remarks>
/// Closed by default: a recipient is accepted when its domain is ours, or when a rule gives the client the right to relay. Domains
/// are looked up in one step a label, addresses by a binary search.
/// </remarks>
public sealed partial class PolicySnapshot
{
    private readonly RelayRights _rights;
    private readonly DomainTable<Verdict> _acceptedDomains;
    private readonly DomainTable<RouteChoice> _routes;
    private readonly Dictionary<RouteTarget, RouteAuth> _auth = [];
    private readonly Dictionary<RouteTarget, DestinationRules> _destinations = [];
    private readonly NetworkTable<string> _nextHopNetworks;
    private readonly MailPath? _postmaster;
    private readonly Verdict _postmasterVerdict;
    private readonly Verdict _clientVerdict = Verdicts.AnyClient;
    private readonly SenderIdentities? _identities;
    private readonly Admission _admission;
    private readonly RecipientChecks _recipientChecks;
    private readonly PolicyRule _greylistRule;

    private PolicySnapshot(PolicyDocument document, long version, RuleBook book, RelayRights rights)
    {
        Version = version;
        Limits = document.Message;
        Connections = document.Connections;
        Penalty = document.Penalty;
        Breaker = document.Breaker;
        Greylisting = document.Greylisting;
        _greylistRule = book.Key("greylisting.delay");
        DnsBlocklists = document.DnsBlocklists;
        Delivery = document.Delivery;
        _rights = rights;
        RateLimits = new LimitRules(document.Limits, document.OnLimitUnavailable, rights, book);
        _recipientChecks = new RecipientChecks(document, book);
        _identities = SenderIdentities.Of(document.Senders.Identities, book);
        _acceptedDomains = new DomainTable<Verdict>(document.AcceptedDomains.Select(pattern =>
            KeyValuePair.Create(pattern, Verdicts.Accept(book.Entry("acceptedDomains", pattern.ToString())))));
        _admission = new Admission(document, rights, _acceptedDomains, book);
        _routes = new DomainTable<RouteChoice>(ChoicesOf(document));
        foreach (var route in document.Routes)
        {
            if (route.Auth is { } auth)
            {
                _auth[route.Target] = auth;
            }

            _destinations[route.Target] = new DestinationRules(
                route.Connections ?? Delivery.ConnectionsPerDestination, route.Rate ?? Delivery.RatePerDestination);
        }

        _nextHopNetworks = new NetworkTable<string>(document.Delivery.NextHopNetworks, range => range.ToString());
        _postmaster = document.Postmaster ?? DefaultPostmaster(document.AcceptedDomains);
        _postmasterVerdict = _postmaster is null ? Verdicts.NoPostmaster : Verdicts.Accept(book.Key("postmaster"));
    }

    /// <summary>The document's version; 0 without a policy.</summary>
    public long Version { get; }

    /// <summary>Limits of one message.</summary>
    public MessageLimits Limits { get; }

    /// <summary>Limits of connections.</summary>
    public ConnectionLimits Connections { get; }

    /// <summary>When the account of a user counts as leaked.</summary>
    public BreakerRules Breaker { get; }

    /// <summary>When clients that keep being refused are cut off.</summary>
    public PenaltyRules Penalty { get; }

    /// <summary>Rates, for the whole cluster.</summary>
    public LimitRules RateLimits { get; }

    /// <summary>How mail leaves.</summary>
    public DeliveryRules Delivery { get; }

    /// <summary>What a node may ask of a destination.</summary>
    /// <param name="route">Its route; null for one that is found by MX.</param>
    public DestinationRules DestinationRulesOf(RouteTarget? route) => route is not null && _destinations.TryGetValue(route, out var rules)
        ? rules
        : new DestinationRules(Delivery.ConnectionsPerDestination, Delivery.RatePerDestination);

    /// <summary>Compiles a document.</summary>
    /// <param name="document">A valid document, as <see cref="PolicyParser"/> makes it.</param>
    /// <param name="version">Its version in the cluster, from 1.</param>
    /// <param name="file">The file's name that verdicts show in front of a rule's line; null: they say <c>line 14</c>.</param>
    /// <exception cref="ArgumentException">A document made by code accepts every domain, or has a route without a pattern.</exception>
    public static PolicySnapshot Compile(PolicyDocument document, long version, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        if (document.AcceptedDomains.Any(pattern => pattern.Kind == DomainPatternKind.Any))
        {
            throw new ArgumentException("A policy that accepts every domain would be an open relay.", nameof(document));
        }

        var book = new RuleBook(document.Places, file);
        return new PolicySnapshot(document, version, book, RelayRights.Of(document.Relay, book));
    }

    /// <summary>What holds while there is no policy: only loopback clients may relay, and only while every listener is on
    /// loopback.</summary>
    /// <remarks>With a listener elsewhere nobody may: a container's port forwarding shows everyone as loopback.</remarks>
    /// <param name="everyListenerIsLoopback">True when each of the node's listeners is bound to a loopback address.</param>
    public static PolicySnapshot WithoutPolicy(bool everyListenerIsLoopback) =>
        new(new PolicyDocument(), version: 0, RuleBook.Empty, RelayRights.WithoutPolicy(everyListenerIsLoopback));

    /// <summary>May the client talk to us at all? In this version every client may.</summary>
    public Verdict DecideClient(in ClientFacts client) => _clientVerdict;

    /// <summary>May the client send as this sender? Authenticated users may name only what <c>senders.identities</c> says is theirs; the
    /// null path is never refused (RFC 2505).</summary>
    public Verdict DecideSender(in ClientFacts client, MailPath sender)
    {
        ArgumentNullException.ThrowIfNull(sender);
        return _identities?.Decide(client.User, sender) ?? Verdicts.AnySender;
    }

    /// <summary>What is to be asked about a client and sender before recipients are decided on: only what can change a decision. Nothing
    /// about clients with a right to relay, but their names with <c>clientNames</c>.</summary>
    public Inquiry InquiryFor(in ClientFacts client, MailPath sender)
    {
        ArgumentNullException.ThrowIfNull(sender);
        return _admission.InquiryFor(client, sender);
    }

    /// <summary>The DNS blocklists, in order.</summary>
    public IReadOnlyList<DnsBlocklist> DnsBlocklists { get; }

    /// <summary>The zones of all DNS lists that clients may be asked about.</summary>
    public IReadOnlyList<MailDomain> DnsListZones => _admission.ListZones;

    /// <summary>The DNS blocklists that have the client and whose action is to make it wait or to log it; empty when there is none. What
    /// they refuse, <see cref="DecideRecipient(in ClientFacts, MailPath, MailPath, MailFindings?)"/> says.</summary>
    public IReadOnlyList<ListMark> MarksOf(in ClientFacts client, MailFindings findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return _admission.MarksOf(client, findings);
    }

    /// <summary>True when not every address may stand in the From header of the client's mail, so that the header is to be looked at:
    /// strangers may not name ours, authenticated users only their own. A mail to postmasters alone is taken all the same.</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="findings">What was found out about it; null: nothing was asked.</param>
    public bool AsksForHeaderFrom(in ClientFacts client, MailFindings? findings = null) =>
        (client.User is not null && _identities is not null) || _admission.AsksForHeaderFrom(client, findings ?? MailFindings.None);

    /// <summary>May the client's mail have a From header that names these addresses?</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="names">What the header can be read to name; null: it is longer than anyone reads, and may name any.</param>
    /// <param name="findings">What was found out about the client; null: nothing was asked.</param>
    public Verdict DecideHeaderFrom(in ClientFacts client, FromNames? names, MailFindings? findings = null) =>
        (client.User is { } user ? _identities?.DecideHeader(user, names, _admission.IsOurs, _admission.HasUnicodeDomains) : null)
        ?? _admission.RefuseHeaderFrom(client, names, findings ?? MailFindings.None) ?? Verdicts.AnySender;

    /// <summary>How it is found out whether an accepted recipient exists; null: it is not. Postmasters are never checked: they must be
    /// there (RFC 5321 section 4.5.1).</summary>
    public RecipientCheck? CheckFor(MailPath recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient.IsPostmaster ? null : _recipientChecks.Find(recipient);
    }

    /// <summary>What becomes of an accepted recipient after its check.</summary>
    public Verdict DecideFinding(RecipientCheck check, RecipientFinding finding)
    {
        ArgumentNullException.ThrowIfNull(check);
        return _recipientChecks.Decide(check, finding);
    }

    /// <summary>May the client send to this recipient? Mail to accepted domains comes from anyone, everything else needs a right.</summary>
    /// <remarks>The sender's address gives no right: anyone can claim it.</remarks>
    /// <param name="client">Who asks.</param>
    /// <param name="sender">The reverse-path.</param>
    /// <param name="recipient">The forward-path.</param>
    /// <param name="findings">What was found out about both; null: nothing was asked.</param>
    public Verdict DecideRecipient(in ClientFacts client, MailPath sender, MailPath recipient, MailFindings? findings = null)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(recipient);
        return DecideRecipient(client, sender, recipient, findings ?? MailFindings.None, trace: null);
    }

    /// <summary>Where an accepted recipient's mail goes: bare <c>postmaster</c> to the policy's postmaster, every other path is
    /// itself.</summary>
    public MailPath ResolveRecipient(MailPath recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        return recipient.IsBarePostmaster && _postmaster is not null ? _postmaster : recipient;
    }

    /// <summary>The route for a domain, the most specific one; null: find the next hop by MX. Address literals match <c>*</c>
    /// only.</summary>
    /// <remarks>Null also where the most specific entry of <c>routes</c> has only <c>tls</c>: <see cref="TlsFor"/> has its demand.</remarks>
    public Route? FindRoute(MailDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return _routes.Find(domain)?.Route;
    }

    /// <summary>What connections that carry mail for a domain demand of TLS, by its route or by MX.</summary>
    public TlsLevel TlsFor(MailDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return _routes.Find(domain)?.Tls ?? Delivery.Tls;
    }

    /// <summary>Who we are to a route's next hop; null: nobody in particular.</summary>
    public RouteAuth? AuthFor(RouteTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return _auth.GetValueOrDefault(target);
    }

    /// <summary>May we connect to a next hop that was found by DNS, or named as an address literal by a recipient?</summary>
    /// <remarks>
    /// Special addresses (loopback, private, link-local, unspecified, multicast and the like, also inside an IPv6 address that wraps an
    /// IPv4 one) need a line in <c>delivery.nextHopNetworks</c> that holds the address itself. Hops that a route names need no leave.
    /// </remarks>
    public bool MayConnectTo(IPAddress nextHop)
    {
        ArgumentNullException.ThrowIfNull(nextHop);
        return !SpecialNetworks.Holds(nextHop) || _nextHopNetworks.Find(nextHop) is not null;
    }

    /// <summary>True for a client of <c>relay.networks</c> (and not of <c>relay.never</c>): exempt from the limits for one client or
    /// network.</summary>
    public bool IsRelayNetwork(IPAddress client) => _rights.IsRelayNetwork(client);

    /// <summary>True for a client that may send to any domain.</summary>
    public bool MayRelay(in ClientFacts client) => _rights.Decide(client, trace: null).IsAccept;

    /// <summary>As <see cref="IsRelayNetwork(IPAddress)"/>; never true for a balancer's address.</summary>
    public bool IsRelayNetwork(in ClientFacts client) => !client.IsBalancer && _rights.IsRelayNetwork(client.Address);

    private Verdict DecideRecipient(
        in ClientFacts client, MailPath sender, MailPath recipient, MailFindings findings, PolicyTrace? trace)
    {
        if (recipient.Domain is not { } domain)
        {
            var bare = recipient.IsBarePostmaster ? _postmasterVerdict : Verdicts.NoMailbox;
            trace?.Decided("postmaster", $"{recipient} leads to {(bare.IsAccept ? _postmaster : "nobody")}", bare);
            return bare;
        }

        // Address literals are never accepted domains: the table holds names only.
        var accepted = domain.Literal is null ? _acceptedDomains.Find(domain) : null;
        // Whoever is refused here must be able to ask our postmaster why.
        if ((accepted is null || !recipient.IsPostmaster) && _admission.Refuse(client, sender, findings, trace) is { } refusal)
        {
            return refusal;
        }

        trace?.Looked("acceptedDomains", domain, accepted);
        if (accepted is not null)
        {
            return accepted;
        }

        var right = _rights.Decide(client, trace);
        if (!right.IsAccept || domain.Literal is not { } literal || _routes.Find(domain) is not null || MayConnectTo(literal))
        {
            return right;
        }

        trace?.Decided("delivery.nextHopNetworks", $"does not hold {literal}, which is not a public address", Verdicts.NoSuchHop);
        return Verdicts.NoSuchHop;
    }

    /// <summary>postmaster@ the first accepted domain. A pattern for subdomains only is no domain to send to.</summary>
    private static MailPath? DefaultPostmaster(IReadOnlyList<DomainPattern> acceptedDomains)
    {
        var first = acceptedDomains.FirstOrDefault(pattern => pattern.Kind == DomainPatternKind.Exact);
        return first is not null && MailPath.TryParse($"postmaster@{first.Domain!.Name}", out var path) ? path : null;
    }

    private static IEnumerable<KeyValuePair<DomainPattern, RouteChoice>> ChoicesOf(PolicyDocument document) =>
        document.Routes.Select(route => Choice(new RouteChoice(route.Pattern, route, route.Tls)))
            .Concat(document.TlsRoutes.Select(route => Choice(new RouteChoice(route.Pattern, null, route.Tls))));

    private static KeyValuePair<DomainPattern, RouteChoice> Choice(RouteChoice choice) =>
        DomainPattern.TryParseOrAny(choice.Pattern, out var pattern, out var error)
            ? KeyValuePair.Create(pattern, choice)
            : throw new ArgumentException(error);

    /// <summary>What <c>routes</c> says of some domains: a next hop, a demand, or both.</summary>
    private sealed record RouteChoice(string Pattern, Route? Route, TlsLevel? Tls);
}

using Relay.Policy.Accounts;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Policy.Greylisting;
using Relay.Policy.Limits;
using Relay.Policy.Penalties;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Server;

namespace Relay.Policy.Documents;

/// <summary>A policy document, parsed and valid: what it says, keys that it leaves out at their defaults.</summary>
/// <remarks>The record without any property set is the empty document <c>{}</c>: nobody may send anything anywhere.</remarks>
public sealed record PolicyDocument
{
    /// <summary><c>acceptedDomains</c>: whose mail we take from anyone. None by default.</summary>
    public IReadOnlyList<DomainPattern> AcceptedDomains { get; init; } = [];

    /// <summary><c>recipients</c>: how recipients of accepted domains are known; a domain without an entry has no check.</summary>
    public IReadOnlyList<RecipientRule> Recipients { get; init; } = [];

    /// <summary><c>calloutTrouble: accept</c>: a recipient that the next hop cannot be asked about is accepted instead of deferred.</summary>
    public bool AcceptsOnCalloutTrouble { get; init; }

    /// <summary><c>postmaster</c>: where mail to bare <c>postmaster</c> goes; null: postmaster@ the first accepted domain.</summary>
    public MailPath? Postmaster { get; init; }

    /// <summary><c>relay</c>: who may send to other domains.</summary>
    public RelayRules Relay { get; init; } = new();

    /// <summary><c>clients</c>: rules about clients, in order. None by default.</summary>
    public IReadOnlyList<ClientRule> Clients { get; init; } = [];

    /// <summary><c>clientNames</c>: the names of all clients are looked up, also where no rule needs them.</summary>
    public bool ClientNames { get; init; }

    /// <summary><c>senders</c>: which senders may be named.</summary>
    public SenderRules Senders { get; init; } = new();

    /// <summary><c>dnsBlocklists</c>: lists whose clients are not welcome, in order. None by default.</summary>
    public IReadOnlyList<DnsBlocklist> DnsBlocklists { get; init; } = [];

    /// <summary><c>dnsAllowlists</c>: lists whose clients no blocklist counts for. None by default.</summary>
    public IReadOnlyList<DnsAllowlist> DnsAllowlists { get; init; } = [];

    /// <summary><c>routes</c> with <c>to</c>: next hops of domains; none by default, then MX.</summary>
    public IReadOnlyList<Route> Routes { get; init; } = [];

    /// <summary><c>routes</c> without a next hop: what the way by MX demands of TLS for some domains.</summary>
    public IReadOnlyList<TlsRoute> TlsRoutes { get; init; } = [];

    /// <summary><c>limits</c>: rates, for the whole cluster; all that match must pass. None by default.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary><c>onLimitUnavailable</c>: what happens while a limit cannot be asked.</summary>
    public LimitFallback OnLimitUnavailable { get; init; }

    /// <summary><c>connections</c>: how many connections, and how fast.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary><c>penalty</c>: when clients that keep being refused are cut off.</summary>
    public PenaltyRules Penalty { get; init; } = new();

    /// <summary><c>breaker</c>: when the account of a user counts as leaked.</summary>
    public BreakerRules Breaker { get; init; } = new();

    /// <summary><c>greylisting</c>: mail of strangers is told to come again.</summary>
    public GreylistRules Greylisting { get; init; } = new();

    /// <summary><c>delivery</c>: how mail leaves.</summary>
    public DeliveryRules Delivery { get; init; } = new();

    /// <summary><c>message</c>: sizes and counts of one message. 35 MiB, 1000 recipients, 100 hops by default.</summary>
    public MessageLimits Message { get; init; } = new(SizeMax: 35L << 20, RecipientsMax: 1000, HopsMax: 100);

    /// <summary>The lines of the rules; none for a document made by code.</summary>
    internal PolicyPlaces Places { get; init; } = PolicyPlaces.None;

    /// <summary>Checks what only a node can know: that every name in <c>relay.listeners</c> is one of its listeners.</summary>
    /// <param name="listenerNames">The names of the node's listeners, compared ordinally.</param>
    /// <returns>One error for each name that no listener has; empty when all is well.</returns>
    public IReadOnlyList<PolicyError> ValidateAgainst(IReadOnlyCollection<string> listenerNames)
    {
        ArgumentNullException.ThrowIfNull(listenerNames);
        var errors = new List<PolicyError>();
        foreach (var listener in Relay.Listeners)
        {
            if (!listenerNames.Contains(listener.Name, StringComparer.Ordinal))
            {
                var nearest = NearestKey.Find(listener.Name, listenerNames);
                var hint = nearest is null
                    ? $"its listeners are {string.Join(", ", listenerNames)}"
                    : $"did you mean {ErrorText.Quote(nearest)}?";
                errors.Add(new PolicyError(
                    listener.Key, listener.Line, $"{ErrorText.Quote(listener.Name)} is not a listener of this node: {hint}"));
            }
        }

        return errors;
    }
}

/// <summary><c>relay</c>: who may send to domains that are not ours. Nobody by default.</summary>
public sealed record RelayRules
{
    /// <summary><c>relay.authenticated</c>: authenticated users may relay.</summary>
    public bool Authenticated { get; init; }

    /// <summary><c>relay.networks</c>: clients that may relay, by address.</summary>
    public IReadOnlyList<NetworkRange> Networks { get; init; } = [];

    /// <summary><c>relay.listeners</c>: listeners whose clients may relay, all of them.</summary>
    public IReadOnlyList<ListenerReference> Listeners { get; init; } = [];

    /// <summary><c>relay.never</c>: clients that may never relay, whatever else names them.</summary>
    public IReadOnlyList<NetworkRange> Never { get; init; } = [];
}

/// <summary>An entry of <c>recipients</c>.</summary>
/// <param name="Pattern">The domains: a domain or <c>.domain</c>.</param>
/// <param name="Kind">Who knows their recipients; null for <c>none</c>.</param>
/// <param name="File">The list of recipients, relative to the policy's folder; null unless the kind is a file.</param>
/// <param name="Line">The line in the document, from 1; 0 when there is no text.</param>
public sealed record RecipientRule(DomainPattern Pattern, RecipientCheckKind? Kind, string? File = null, int Line = 0);

/// <summary>A listener named in a document, and where.</summary>
/// <param name="Name">The listener's name, compared ordinally.</param>
/// <param name="Key">The place in the document: <c>relay.listeners[0]</c>.</param>
/// <param name="Line">The line in the document, from 1; 0 when there is no text.</param>
public sealed record ListenerReference(string Name, string Key = "relay.listeners", int Line = 0);

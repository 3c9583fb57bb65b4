using System.Collections.Frozen;
using System.Net;
using Relay.Policy.Documents;
using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary>Which clients may send to domains that are not ours, compiled: for each rule its verdict.</summary>
internal sealed class RelayRights
{
    private readonly NetworkTable<Verdict> _never;
    private readonly Verdict? _authenticated;
    private readonly NetworkTable<Verdict> _networks;
    private readonly FrozenDictionary<string, Verdict> _listeners;
    private readonly Verdict _otherwise;

    private RelayRights(RelayRules rules, RuleBook book, Func<NetworkRange, Verdict> byNetwork, Verdict otherwise)
    {
        _never = new NetworkTable<Verdict>(rules.Never, range => Verdicts.Never(book.Entry("relay.never", range.ToString())));
        _authenticated = rules.Authenticated ? Verdicts.Accept(book.Key("relay.authenticated")) : null;
        _networks = new NetworkTable<Verdict>(rules.Networks, byNetwork);
        _listeners = rules.Listeners.DistinctBy(listener => listener.Name).ToFrozenDictionary(
            listener => listener.Name,
            listener => Verdicts.Accept(book.Entry("relay.listeners", listener.Name)),
            StringComparer.Ordinal);
        _otherwise = otherwise;
    }

    /// <summary>The rights that a document gives.</summary>
    public static RelayRights Of(RelayRules rules, RuleBook book) =>
        new(rules, book, range => Verdicts.Accept(book.Entry("relay.networks", range.ToString())), Verdicts.NoRight);

    /// <summary>The rights without a policy: loopback clients, or nobody.</summary>
    public static RelayRights WithoutPolicy(bool everyListenerIsLoopback)
    {
        var rules = everyListenerIsLoopback ? new RelayRules { Networks = SpecialNetworks.Loopback } : new RelayRules();
        return new RelayRights(rules, RuleBook.Empty, _ => Verdicts.NoPolicyLoopback, Verdicts.NoPolicy);
    }

    /// <summary>May this client relay? <c>relay.never</c> is looked at first, and everything that no line allows is refused.</summary>
    public Verdict Decide(in ClientFacts client, PolicyTrace? trace)
    {
        var never = _never.Find(client.Address);
        trace?.Looked("relay.never", client.Address, never);
        if (never is not null)
        {
            return never;
        }

        var user = client.User is null ? null : _authenticated;
        trace?.User(client.User, user);
        if (user is not null)
        {
            return user;
        }

        var network = _networks.Find(client.Address);
        var otherwise = client.IsBalancer && network is not null ? Verdicts.Balancer : _otherwise;
        network = client.IsBalancer ? null : network;
        trace?.Looked("relay.networks", client.Address, network);
        if (network is not null)
        {
            return network;
        }

        var listener = client.Listener is null ? null : _listeners.GetValueOrDefault(client.Listener);
        trace?.Looked("relay.listeners", client.Listener, listener);
        if (listener is not null)
        {
            return listener;
        }

        trace?.Otherwise(otherwise);
        return otherwise;
    }

    /// <summary>True for an address of <c>relay.networks</c> that <c>relay.never</c> does not hold.</summary>
    public bool IsRelayNetwork(IPAddress? client) => _never.Find(client) is null && _networks.Find(client) is not null;
}

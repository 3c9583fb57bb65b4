using Relay.Policy.Documents;
using Relay.Policy.Findings;
using Relay.Policy.Values;

namespace Relay.Policy.Decisions;

/// <summary><c>clients</c>, compiled: the first rule in order that matches, by one look-up for the address and one a label for the
/// name.</summary>
internal sealed class ClientRules
{
    private readonly NetworkTable<Ordered<Verdict>> _networks;
    private readonly OrderedDomainTable<Verdict> _names = new();
    private readonly Ordered<Verdict>? _firstRefusingName;
    private readonly Ordered<Verdict>? _firstAcceptingName;

    /// <summary>Compiles the rules.</summary>
    public ClientRules(IReadOnlyList<ClientRule> rules, RuleBook book)
    {
        Count = rules.Count;
        var networks = new Dictionary<NetworkRange, Ordered<Verdict>>();
        for (var order = 0; order < rules.Count; order++)
        {
            var rule = rules[order];
            var source = book.Entry("clients", rule.Text);
            var entry = new Ordered<Verdict>(order, Verdicts.Client(rule.Action, source));
            if (rule.Network is { } network)
            {
                networks.TryAdd(network, entry);
                continue;
            }

            _names.Add(rule.Name!, entry);
            var trouble = new Ordered<Verdict>(order, Verdicts.ClientNameTrouble(source));
            if (rule.Action == RuleAction.Accept)
            {
                _firstAcceptingName ??= trouble;
            }
            else
            {
                _firstRefusingName ??= trouble;
            }
        }

        // Of networks in each other the first in order counts, not the most specific.
        _networks = new NetworkTable<Ordered<Verdict>>(
            [.. networks.Keys], (range, around) => Ordered<Verdict>.First(networks[range], around)!);
    }

    /// <summary>How many rules there are.</summary>
    public int Count { get; }

    /// <summary>The first rule by network that matches; null when none does.</summary>
    public Ordered<Verdict>? FindNetwork(in ClientFacts client) => Count == 0 ? null : _networks.Find(client.Address);

    /// <summary>True when the client's name can matter: a rule by name stands in front of the rule by network that matches.</summary>
    public bool AsksName(Ordered<Verdict>? network) =>
        Ordered<Verdict>.First(_firstRefusingName, _firstAcceptingName) is { } first && (network is null || first.Order < network.Order);

    /// <summary>What the rules say of a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="name">What is known of its name. One that nobody asked for matches no rule.</param>
    public ClientFinding Decide(in ClientFacts client, HostNameFinding name)
    {
        var network = FindNetwork(client);
        if (name.State == HostNameState.Proven)
        {
            return new ClientFinding(Ordered<Verdict>.First(network, _names.Find(name.Name!))?.Value, Doubt: null);
        }

        if (name.State != HostNameState.Trouble || !AsksName(network))
        {
            return new ClientFinding(network?.Value, Doubt: null);
        }

        // The name may be the one that a rule refuses: whether it is must be found out first.
        if (_firstRefusingName is { } refusing && (network is null || refusing.Order < network.Order))
        {
            return new ClientFinding(refusing.Value, Doubt: null);
        }

        return new ClientFinding(network?.Value, _firstAcceptingName!.Value);
    }
}

/// <summary>What <c>clients</c> says of a client.</summary>
/// <param name="Verdict">The verdict of the first rule that matches; null when none does.</param>
/// <param name="Doubt">To be said instead of any 5xx: a rule that accepts may match, and whether it does cannot be found out now. Else
/// null.</param>
internal readonly record struct ClientFinding(Verdict? Verdict, Verdict? Doubt);

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Actors.Reputation;
using Relay.Messages.Reputation;
using Relay.Node.Listeners;
using Relay.Policy.Decisions;
using Relay.Policy.Penalties;
using Relay.Smtp.Replies;

namespace Relay.Node.Penalties;

/// <summary>Remembers who keeps being refused, and cuts them off for a while. Thread-safe.</summary>
/// <remarks>
/// Clients of <c>relay.networks</c>, balancers and users who have logged in are exempt: what they do is never counted. A client is looked up with
/// every connection, so the look-up costs nothing while nobody is under a penalty.
/// </remarks>
internal sealed class PenaltyBox : IReputation, IDisposable
{
    /// <summary>The rule that refusals name.</summary>
    public const string Rule = "penalty";

    /// <summary>What a client under a penalty is told.</summary>
    public static readonly SmtpReply Reply = new(421, new(4, 7, 0), "Too many refusals (penalty), try again later");

    private static readonly TimeSpan AgainLeast = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly PenaltyTable _table;
    private readonly PenaltyNews _news = new(ReputationMessages.ClientsMax);
    private Queue<ClientKey> _again = new();
    private readonly PolicyAgent _policy;
    private readonly PenaltyLog _log;
    private readonly BudgetClock _clock;
    private readonly ITimer _timer;

    public PenaltyBox(MeterScope meters, PenaltyLimits limits, PolicyAgent policy, PenaltyLog log, TimeProvider time)
    {
        _table = new PenaltyTable(limits);
        _policy = policy;
        _log = log;
        _clock = new BudgetClock(time);
        Metrics = new PenaltyMetrics(meters, () => Penalised, () => Tracked);
        _timer = time.CreateTimer(static box => ((PenaltyBox)box!).Look(), this, limits.Look, limits.Look);
    }

    /// <summary>Clients under a penalty, as of the last look.</summary>
    public int Penalised
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>What is counted.</summary>
    public PenaltyMetrics Metrics { get; }

    /// <summary>Clients of which something is remembered.</summary>
    public int Tracked
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>True when a client is under a penalty, and is not exempt by the policy in force.</summary>
    public bool Holds(IPAddress client) => Of(client) is not null;

    /// <summary>The same of a conversation.</summary>
    public bool Holds(in ClientFacts client) => !client.IsBalancer && client.User is null && Holds(client.Address);

    /// <summary>What is known of a client under a penalty; null of anybody else.</summary>
    public PenaltyFinding? Of(IPAddress client)
    {
        if (Penalised == 0)
        {
            return null;
        }

        PenaltyFinding finding;
        lock (_lock)
        {
            if (_table.Find(ClientKey.OfClient(client)) is not { } entry || entry.Standing.Left(_clock.Read()) is var left && left == TimeSpan.Zero)
            {
                return null;
            }

            finding = new PenaltyFinding(left, entry.Standing.Length, entry.Last);
        }

        var policy = _policy.Current;
        return policy.Penalty.IsOn && !policy.IsRelayNetwork(client) ? finding : null;
    }

    /// <summary>A client did something that counts.</summary>
    public void Add(in ClientFacts client, Offence offence)
    {
        var policy = _policy.Current;
        var rules = policy.Penalty;
        if (offence == Offence.None || !rules.IsOn || client.IsBalancer || client.User is not null || policy.IsRelayNetwork(client))
        {
            return;
        }

        Count(client.Address, offence, Offences.WeightOf(offence), rules, isNews: true);
    }

    /// <inheritdoc/>
    public ImmutableArray<ToldRefusals> TakeNews(int clientsMax)
    {
        lock (_lock)
        {
            var news = _news.Take(clientsMax);
            return _again.Count == 0 ? news : [.. news, .. Again(clientsMax - news.Length)];
        }
    }

    /// <inheritdoc/>
    public void TellAgain()
    {
        if (!_policy.Current.Penalty.IsOn)
        {
            return;
        }

        lock (_lock)
        {
            _again = new(_table.Penalised(_clock.Read()));
        }
    }

    /// <inheritdoc/>
    public void Learn(ImmutableArray<ToldRefusals> refusals)
    {
        var policy = _policy.Current;
        if (!policy.Penalty.IsOn)
        {
            return;
        }

        foreach (var told in refusals)
        {
            var family = told.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            var client = new ClientKey(told.Client, (int)family).ToAddress();
            var last = Offences.All.Contains((Offence)told.Last) ? (Offence)told.Last : Offence.Command;
            if (policy.IsRelayNetwork(client))
            {
                continue;
            }

            if (told.Left > TimeSpan.Zero)
            {
                Join(client, last, told.Left, policy.Penalty);
            }
            else if (told.Weight > 0)
            {
                Count(client, last, Math.Min(told.Weight, policy.Penalty.Refusals), policy.Penalty, isNews: false);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Metrics.Dispose();
    }

    private void Count(IPAddress client, Offence offence, int weight, PenaltyRules rules, bool isNews)
    {
        var key = ClientKey.OfClient(client);
        TimeSpan length;
        lock (_lock)
        {
            if (isNews)
            {
                _news.Add(key, weight, offence);
            }

            if (_table.FindOrAdd(key) is not { } entry)
            {
                Metrics.Untracked();
                return;
            }

            entry.Last = offence;
            if (!entry.Standing.Add(_clock.Read(), rules, weight))
            {
                return;
            }

            Penalised++;
            length = entry.Standing.Length;
            // Refusals drain, and messages get lost: no other node is to be a little below what began it here. Those where it is on already do not count it.
            _news.Add(key, rules.Refusals, offence);
        }

        Metrics.Began(offence);
        _log.Began(client, length, rules, offence);
    }

    // It is no news to the others: who told it tells all of them.
    private void Join(IPAddress client, Offence offence, TimeSpan left, PenaltyRules rules)
    {
        lock (_lock)
        {
            if (_table.FindOrAdd(ClientKey.OfClient(client)) is not { } entry || !entry.Standing.Join(_clock.Read(), rules, left))
            {
                return;
            }

            entry.Last = offence;
            Penalised++;
        }

        Metrics.Began(offence);
        _log.Began(client, left, rules, offence);
    }

    private IEnumerable<ToldRefusals> Again(int clientsMax)
    {
        for (var i = 0; i < clientsMax && _again.TryDequeue(out var client); i++)
        {
            // What has ended on one node by the time it is told would begin there anew.
            if (_table.Find(client) is { } entry && entry.Standing.Left(_clock.Read()) is var left && left > AgainLeast)
            {
                yield return PenaltyNews.Told(client, weight: 0, entry.Last, left);
            }
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            Penalised = _table.Sweep(_clock.Read());
        }
    }
}

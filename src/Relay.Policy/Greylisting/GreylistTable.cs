using Relay.Policy.Values;

namespace Relay.Policy.Greylisting;

/// <summary>What one shard remembers of strangers. Pure and not thread-safe; times are ticks of 100 ns of any clock that does not run backwards.</summary>
public sealed class GreylistTable(GreylistLimits limits)
{
    /// <summary>A client of which so many triplets came again is known, whatever it sends: it has a queue.</summary>
    public const int TripletsOfKnownClient = 5;

    private readonly Dictionary<UInt128, Waiting> _waiting = [];
    private readonly Dictionary<string, int> _waitingOfNetworks = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, long> _known = [];
    private readonly Dictionary<ulong, Client> _clients = [];

    /// <summary>Triplets that have not come again yet.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Triplets that came again.</summary>
    public int KnownCount => _known.Count;

    /// <summary>A triplet has come.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="triplet">Who sends to whom.</param>
    public GreylistFinding Look(long now, GreylistRules rules, in Triplet triplet)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (IsKnown(now, rules, triplet))
        {
            return new GreylistFinding(TimeSpan.Zero, IsFirst: false);
        }

        if (_waiting.TryGetValue(triplet.Id, out var waiting) && now - waiting.Since < rules.RetryWindow.Ticks)
        {
            var left = new TimeSpan(waiting.Since + rules.Delay.Ticks - now);
            if (left > TimeSpan.Zero)
            {
                return new GreylistFinding(left, IsFirst: false);
            }

            Forget(triplet.Id, waiting);
            Know(now, rules, triplet);
            return new GreylistFinding(TimeSpan.Zero, IsFirst: true);
        }

        Await(now, triplet);
        return new GreylistFinding(rules.Delay, IsFirst: true);
    }

    private bool IsKnown(long now, GreylistRules rules, in Triplet triplet)
    {
        var until = now + rules.Remember.Ticks;
        if (_clients.TryGetValue(triplet.Client, out var client) && client.Triplets >= TripletsOfKnownClient && client.Until > now)
        {
            _clients[triplet.Client] = client with { Until = until };
            return true;
        }

        if (!_known.TryGetValue(triplet.Id, out var known) || known <= now)
        {
            return false;
        }

        _known[triplet.Id] = until;
        return true;
    }

    private void Know(long now, GreylistRules rules, in Triplet triplet)
    {
        var until = now + rules.Remember.Ticks;
        MakeRoom(_known, limits.KnownMax, static until => until);
        _known[triplet.Id] = until;

        var triplets = _clients.TryGetValue(triplet.Client, out var client) && client.Until > now ? client.Triplets + 1 : 1;
        if (!_clients.ContainsKey(triplet.Client))
        {
            MakeRoom(_clients, limits.ClientsMax, static client => client.Until);
        }

        _clients[triplet.Client] = new Client(triplets, until);
    }

    private void Await(long now, in Triplet triplet)
    {
        if (_waiting.TryGetValue(triplet.Id, out var before))
        {
            Forget(triplet.Id, before);
        }

        var network = triplet.Network;
        if (_waitingOfNetworks.GetValueOrDefault(network) >= limits.WaitingPerNetworkMax)
        {
            ForgetOldest(_waiting.Where(entry => entry.Value.Network == network), limits.WaitingPerNetworkMax);
        }
        else if (_waiting.Count >= limits.WaitingMax)
        {
            ForgetOldest(_waiting, limits.WaitingMax);
        }

        _waiting.Add(triplet.Id, new Waiting(now, network));
        _waitingOfNetworks[network] = _waitingOfNetworks.GetValueOrDefault(network) + 1;
    }

    private void ForgetOldest(IEnumerable<KeyValuePair<UInt128, Waiting>> entries, int max)
    {
        foreach (var (id, waiting) in Oldest.Of(entries, max, static waiting => waiting.Since))
        {
            Forget(id, waiting);
        }
    }

    private void Forget(UInt128 id, Waiting waiting)
    {
        _waiting.Remove(id);
        if (--_waitingOfNetworks[waiting.Network] == 0)
        {
            _waitingOfNetworks.Remove(waiting.Network);
        }
    }

    private static void MakeRoom<TKey, TValue>(Dictionary<TKey, TValue> table, int max, Func<TValue, long> until)
        where TKey : notnull
    {
        if (table.Count < max)
        {
            return;
        }

        foreach (var (key, _) in Oldest.Of(table, max, until))
        {
            table.Remove(key);
        }
    }

    private readonly record struct Waiting(long Since, string Network);

    private readonly record struct Client(int Triplets, long Until);
}

using System.Runtime.InteropServices;
using Relay.Node.Listeners;

namespace Relay.Node.Inquiries;

/// <summary>Who has a place, who waits for one, whose turn is next and who must give way. Pure: times are given to it.</summary>
internal sealed class PlaceBoard
{
    private readonly PlaceLimits _limits;
    private readonly List<PlaceClaim> _holders = []; // the oldest first
    private readonly List<PlaceClaim> _waiting = []; // in the order they came
    private readonly Dictionary<ClientKey, int> _places = [];
    private readonly Dictionary<string, int> _zones = [];
    private readonly Dictionary<ClientKey, int> _waitingOf = [];

    public PlaceBoard(PlaceLimits limits)
    {
        _limits = limits;
    }

    /// <summary>True when nobody waits.</summary>
    public bool IsCalm => _waiting.Count == 0;

    /// <summary>A look-up comes. When too many wait, one goes: the last of the network that has the most of them.</summary>
    /// <returns>The one that goes, which may be the new one; null when none does.</returns>
    public PlaceClaim? Add(PlaceClaim claim)
    {
        PlaceClaim? gone = null;
        if (_waiting.Count >= _limits.Waiting)
        {
            var (network, most) = _waitingOf.MaxBy(static entry => entry.Value);
            if (most <= _waitingOf.GetValueOrDefault(claim.Networks[0]) + 1)
            {
                return claim;
            }

            gone = _waiting.FindLast(waiting => waiting.Networks[0] == network)!;
            StopWaiting(gone);
        }

        _waiting.Add(claim);
        Count(_waitingOf, claim.Networks[0], 1);
        return gone;
    }

    /// <summary>A look-up is over, or waits no longer.</summary>
    public void Remove(PlaceClaim claim)
    {
        if (_holders.Remove(claim))
        {
            Count(_places, claim.Payer, -1);
            if (claim.Zone is { } zone)
            {
                Count(_zones, zone, -1);
            }
        }
        else if (_waiting.Contains(claim))
        {
            StopWaiting(claim);
        }
    }

    /// <summary>The next look-up that gets a place: of those that may, one of the network that has the fewest, in the order they came.</summary>
    /// <returns>Null when there is none.</returns>
    public PlaceClaim? Admit(long now)
    {
        if (_holders.Count >= _limits.Total)
        {
            return null;
        }

        PlaceClaim? next = null;
        var fewest = _limits.PerNetwork;
        foreach (var claim in _waiting)
        {
            if (FewestOf(claim) is var places && places < fewest && !IsFull(claim.Zone))
            {
                (next, fewest) = (claim, places);
            }
        }

        if (next is null)
        {
            return null;
        }

        StopWaiting(next);
        next.Payer = next.Networks.MinBy(network => _places.GetValueOrDefault(network));
        next.Since = now;
        _holders.Add(next);
        Count(_places, next.Payer, 1);
        if (next.Zone is { } zone)
        {
            Count(_zones, zone, 1);
        }

        return next;
    }

    /// <summary>Those who must give their places up: each has run for long, and keeps out somebody whose network has fewer, or of its own network.</summary>
    /// <param name="longBefore">Whoever has a place since then or before has had it long.</param>
    public IReadOnlyList<PlaceClaim> Yielding(long longBefore)
    {
        var yielding = new List<PlaceClaim>();
        var served = new HashSet<PlaceClaim>();
        foreach (var holder in _holders.Where(holder => !holder.IsYielding && holder.Since <= longBefore).OrderByDescending(holder => _places[holder.Payer]))
        {
            if (_waiting.Find(waiting => !served.Contains(waiting) && KeepsOut(holder, waiting)) is { } waiting)
            {
                served.Add(waiting);
                holder.IsYielding = true;
                yielding.Add(holder);
            }
        }

        return yielding;
    }

    /// <summary>Since when the next one has its place who may have to give it up; null when there is none.</summary>
    public long? NextToYield() => _holders.Find(static holder => !holder.IsYielding)?.Since;

    private bool KeepsOut(PlaceClaim holder, PlaceClaim waiting)
    {
        var isOwn = waiting.Networks.Contains(holder.Payer);
        return (isOwn || _places[holder.Payer] > FewestOf(waiting))
            && (_holders.Count >= _limits.Total
                || (isOwn && FewestOf(waiting) >= _limits.PerNetwork)
                || (holder.Zone is not null && holder.Zone == waiting.Zone && IsFull(waiting.Zone)));
    }

    private int FewestOf(PlaceClaim claim) => claim.Networks.Min(network => _places.GetValueOrDefault(network));

    private bool IsFull(string? zone) => zone is not null && _zones.GetValueOrDefault(zone) >= _limits.PerZone;

    private void StopWaiting(PlaceClaim claim)
    {
        _waiting.Remove(claim);
        Count(_waitingOf, claim.Networks[0], -1);
    }

    private static void Count<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += by;
        if (count == 0)
        {
            counts.Remove(key);
        }
    }
}

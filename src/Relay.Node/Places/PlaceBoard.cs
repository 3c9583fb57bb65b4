using System.Runtime.InteropServices;

namespace Relay.Node.Places;

/// <summary>Who has a place, who waits for one, whose turn is next and who must give way. Pure: times are given to it.</summary>
internal sealed class PlaceBoard<TPayer>
    where TPayer : notnull
{
    private readonly PlaceLimits _limits;
    private readonly List<PlaceClaim<TPayer>> _holders = []; // the oldest first
    private readonly List<PlaceClaim<TPayer>> _waiting = []; // in the order they came
    private readonly Dictionary<TPayer, int> _places = [];
    private readonly Dictionary<string, int> _zones = [];
    private readonly Dictionary<TPayer, int> _waitingOf = [];

    public PlaceBoard(PlaceLimits limits)
    {
        _limits = limits;
    }

    /// <summary>True when nobody waits.</summary>
    public bool IsCalm => _waiting.Count == 0;

    /// <summary>A look-up comes. When too many wait, one goes: the last of whoever has the most of them.</summary>
    /// <returns>The one that goes, which may be the new one; null when none does.</returns>
    public PlaceClaim<TPayer>? Add(PlaceClaim<TPayer> claim)
    {
        PlaceClaim<TPayer>? gone = null;
        if (_waiting.Count >= _limits.Waiting)
        {
            var (payer, most) = _waitingOf.MaxBy(static entry => entry.Value);
            if (most <= _waitingOf.GetValueOrDefault(claim.Payers[0]) + 1)
            {
                return claim;
            }

            gone = _waiting.FindLast(waiting => waiting.Payers[0].Equals(payer))!;
            StopWaiting(gone);
        }

        _waiting.Add(claim);
        Count(_waitingOf, claim.Payers[0], 1);
        return gone;
    }

    /// <summary>A look-up is over, or waits no longer.</summary>
    public void Remove(PlaceClaim<TPayer> claim)
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

    /// <summary>The next look-up that gets a place: of those that may, one of whoever has the fewest, in the order they came.</summary>
    /// <returns>Null when there is none.</returns>
    public PlaceClaim<TPayer>? Admit(long now)
    {
        if (_holders.Count >= _limits.Total)
        {
            return null;
        }

        PlaceClaim<TPayer>? next = null;
        var fewest = _limits.PerPayer;
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
        next.Payer = next.Payers.MinBy(payer => _places.GetValueOrDefault(payer))!;
        next.Since = now;
        _holders.Add(next);
        Count(_places, next.Payer, 1);
        if (next.Zone is { } zone)
        {
            Count(_zones, zone, 1);
        }

        return next;
    }

    /// <summary>Those who must give their places up: each has run for long, and keeps out somebody who has fewer, or one of the same payer.</summary>
    /// <param name="longBefore">Whoever has a place since then or before has had it long.</param>
    public IReadOnlyList<PlaceClaim<TPayer>> Yielding(long longBefore)
    {
        var yielding = new List<PlaceClaim<TPayer>>();
        var served = new HashSet<PlaceClaim<TPayer>>();
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

    private bool KeepsOut(PlaceClaim<TPayer> holder, PlaceClaim<TPayer> waiting)
    {
        var isOwn = waiting.Payers.Contains(holder.Payer);
        return (isOwn || _places[holder.Payer] > FewestOf(waiting))
            && (_holders.Count >= _limits.Total
                || (isOwn && FewestOf(waiting) >= _limits.PerPayer)
                || (holder.Zone is not null && holder.Zone == waiting.Zone && IsFull(waiting.Zone)));
    }

    private int FewestOf(PlaceClaim<TPayer> claim) => claim.Payers.Min(payer => _places.GetValueOrDefault(payer));

    private bool IsFull(string? zone) => zone is not null && _zones.GetValueOrDefault(zone) >= _limits.PerZone;

    private void StopWaiting(PlaceClaim<TPayer> claim)
    {
        _waiting.Remove(claim);
        Count(_waitingOf, claim.Payers[0], -1);
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

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Messages.Destinations;

namespace Relay.Actors.Destinations;

/// <summary>What a destination has pulled and not begun, and whether it asks for more. Pure.</summary>
internal sealed class PulledWork(DestinationLimits limits)
{
    private readonly Queue<DeliveryItem> _items = new();
    private int _asked;
    private bool _isExhausted;
    private bool _returnsNext;

    /// <summary>Items that wait for a connection.</summary>
    public int Count => _items.Count;

    /// <summary>Whose mail waits for a connection, each once.</summary>
    public IReadOnlyCollection<string> Flows => [.. _items.Select(static item => item.Flow).Distinct(StringComparer.Ordinal)];

    /// <summary>Nothing waits, and nothing is on its way.</summary>
    public bool IsIdle => _items.Count == 0 && _asked == 0;

    /// <summary>There is something to pull again.</summary>
    public void Announce() => _isExhausted = false;

    /// <summary>How much to ask the queue for now; 0 for nothing.</summary>
    /// <param name="allowed">Attempts that may be on at once.</param>
    public int Ask(int allowed)
    {
        if (_asked > 0 || _isExhausted || _items.Count >= Math.Min(allowed, limits.LowWater))
        {
            return 0;
        }

        // Little more than can be on at once: what waits here is past the queue's fairness.
        _asked = Math.Min(limits.PullMax, 2 * allowed);
        return _asked;
    }

    /// <summary>Takes the queue's answer.</summary>
    /// <returns>What is to be given back: asked for before the site failed, which is left alone now.</returns>
    public ImmutableArray<DeliveryItem> Take(ImmutableArray<DeliveryItem> items)
    {
        _isExhausted = items.Length < _asked || _returnsNext;
        _asked = 0;
        if (_returnsNext)
        {
            _returnsNext = false;
            return items;
        }

        foreach (var item in items)
        {
            _items.Enqueue(item);
        }

        return [];
    }

    /// <summary>An item was not begun after all.</summary>
    public void Add(DeliveryItem item) => _items.Enqueue(item);

    public bool TryTake([NotNullWhen(true)] out DeliveryItem? item) => _items.TryDequeue(out item);

    /// <summary>Empties it.</summary>
    public ImmutableArray<DeliveryItem> TakeAll()
    {
        ImmutableArray<DeliveryItem> all = [.. _items];
        _items.Clear();
        return all;
    }

    /// <summary>The site cannot be reached: nothing is asked for until there is word of it.</summary>
    public void Stop()
    {
        _isExhausted = true;
        _returnsNext = _asked > 0;
    }
}

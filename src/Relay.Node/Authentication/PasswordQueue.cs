using Relay.Node.Listeners;

namespace Relay.Node.Authentication;

/// <summary>Passwords that wait to be checked, taken in turn from everybody who has some. Bounded; not thread-safe.</summary>
/// <remarks>
/// Whoever sends many waits for its own. When all places are taken, one who has fewer waiting than another takes the place of that one's last.
/// </remarks>
/// <typeparam name="TItem">What waits.</typeparam>
/// <param name="placesMax">Places in all.</param>
internal sealed class PasswordQueue<TItem>(int placesMax)
    where TItem : class
{
    private readonly Dictionary<PasswordOwner, LinkedList<TItem>> _waiting = [];
    private readonly Queue<PasswordOwner> _turns = new(); // everybody who has some, once
    private int _count;

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Puts one at the end of its owner's.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="item">What waits.</param>
    /// <returns>The one that there is no place for: null, another's, or this.</returns>
    public TItem? Add(PasswordOwner owner, TItem item)
    {
        TItem? pushedOut = null;
        if (_count == placesMax)
        {
            var (most, theirs) = _waiting.MaxBy(static entry => entry.Value.Count);
            if (theirs is null || theirs.Count <= (_waiting.GetValueOrDefault(owner)?.Count ?? 0) + 1)
            {
                return item;
            }

            // It keeps one at least, and so its turn.
            pushedOut = theirs.Last!.Value;
            theirs.RemoveLast();
            _count--;
        }

        if (!_waiting.TryGetValue(owner, out var own))
        {
            own = new LinkedList<TItem>();
            _waiting.Add(owner, own);
            _turns.Enqueue(owner);
        }

        own.AddLast(item);
        _count++;
        return pushedOut;
    }

    /// <summary>Takes the first of whoever's turn it is; null when nothing waits.</summary>
    public TItem? Take()
    {
        if (!_turns.TryDequeue(out var owner))
        {
            return null;
        }

        var own = _waiting[owner];
        var item = own.First!.Value;
        own.RemoveFirst();
        _count--;
        if (own.Count > 0)
        {
            _turns.Enqueue(owner);
        }
        else
        {
            _waiting.Remove(owner);
        }

        return item;
    }
}

/// <summary>By whom passwords that wait are told apart.</summary>
/// <param name="User">The user, for clients that are known: whoever has its password has no other's.</param>
/// <param name="Network">The client's network, for all others: names cost them nothing.</param>
internal readonly record struct PasswordOwner(string? User, ClientKey Network)
{
    /// <summary>Whose a password is.</summary>
    public static PasswordOwner Of(string user, ClientKey network, bool isKnown) => isKnown ? new(user, default) : new(null, network);
}

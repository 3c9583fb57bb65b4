using System.Collections.Immutable;
using Relay.Messages.Accounts;

namespace Relay.Actors.Accounts;

/// <summary>Who is held, and who was let go: of what nodes say of one user the latest holds, whichever comes first. Not thread-safe, but for <see cref="Has"/>.</summary>
/// <remarks>Releases are remembered as long as there is room, so that a node that was away does not bring an old hold back.</remarks>
internal sealed class AccountHolds(int usersMax)
{
    private readonly Dictionary<string, ToldHold> _holds = new(StringComparer.Ordinal);
    private ImmutableHashSet<string> _held = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Users of which it is known.</summary>
    public IReadOnlyCollection<ToldHold> All => _holds.Values;

    /// <summary>How many are held. Thread-safe.</summary>
    public int Count => Volatile.Read(ref _held).Count;

    /// <summary>True when a user is held. Thread-safe.</summary>
    public bool Has(string user) => Volatile.Read(ref _held).Contains(user);

    /// <summary>What is known of a user; null for nothing.</summary>
    public ToldHold? Find(string user) => _holds.GetValueOrDefault(user);

    /// <summary>A user is held, or was let go.</summary>
    /// <returns>True when that is news: it was the other way round.</returns>
    public bool Take(ToldHold hold)
    {
        var known = Find(hold.User);
        if (known is null ? !HasRoom() : hold.At <= known.At)
        {
            return false;
        }

        _holds[hold.User] = hold;
        if ((known?.IsHeld ?? false) == hold.IsHeld)
        {
            return false;
        }

        Volatile.Write(ref _held, hold.IsHeld ? _held.Add(hold.User) : _held.Remove(hold.User));
        return true;
    }

    private bool HasRoom()
    {
        if (_holds.Count < usersMax)
        {
            return true;
        }

        var oldest = _holds.Values.Where(static hold => !hold.IsHeld).MinBy(static hold => hold.At);
        return oldest is not null && _holds.Remove(oldest.User);
    }
}

namespace Relay.Node.Authentication;

/// <summary>Whose password is checked next. Bounded; not thread-safe.</summary>
/// <remarks>
/// Clients that are known have more turns than all others together, so that a flood of guesses from elsewhere keeps nobody out; and the others have
/// some, so that one known client keeps nobody out either. Within each, turns go round among users, and among networks.
/// </remarks>
/// <typeparam name="TItem">What waits.</typeparam>
/// <param name="placesMax">Places of known clients, and as many of all others.</param>
internal sealed class PasswordTurns<TItem>(int placesMax)
    where TItem : class
{
    /// <summary>Turns of known clients, before the others have one.</summary>
    public const int KnownTurns = 3;

    private readonly PasswordQueue<TItem> _known = new(placesMax);
    private readonly PasswordQueue<TItem> _others = new(placesMax);
    private int _turnsInRow;

    /// <summary>Puts one at the end of its owner's.</summary>
    /// <returns>The one that there is no place for: null, another's, or this.</returns>
    public TItem? Add(PasswordOwner owner, TItem item) => (owner.User is null ? _others : _known).Add(owner, item);

    /// <summary>Takes the next one; null when nothing waits.</summary>
    public TItem? Take()
    {
        var isKnown = !_known.IsEmpty && (_others.IsEmpty || _turnsInRow < KnownTurns);
        _turnsInRow = isKnown ? _turnsInRow + 1 : 0;
        return (isKnown ? _known : _others).Take();
    }
}

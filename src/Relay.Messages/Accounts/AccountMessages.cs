using System.Collections.Immutable;
using Relay.Messages.Wire;

namespace Relay.Messages.Accounts;

/// <summary>What nodes tell each other of users' accounts. Counts that are lost cost a count; holds are told again and again.</summary>
public static class AccountMessages
{
    /// <summary>Most users that are counted in one message.</summary>
    public const int CountsMax = 100;

    /// <summary>Most holds in one message.</summary>
    public const int HoldsMax = 50;

    /// <summary>Longest reason of a hold, in characters.</summary>
    public const int ReasonMax = 200;

    /// <summary>Node to node: this happened here since I told you last, and these are held or let go.</summary>
    /// <param name="Counts">At most <see cref="CountsMax"/>, each user once.</param>
    /// <param name="Holds">At most <see cref="HoldsMax"/>, each user once.</param>
    public sealed record AccountsTold(ImmutableArray<ToldCount> Counts, ImmutableArray<ToldHold> Holds) : IWireMessage;
}

/// <summary>What a node counted of one user.</summary>
/// <param name="User">Its name.</param>
/// <param name="Named">Recipients that were accepted, or refused for good.</param>
/// <param name="Failed">Recipients that were refused for good, or failed later.</param>
public sealed record ToldCount(string User, int Named, int Failed);

/// <summary>A user that is held, or was let go. Of two the later one holds.</summary>
/// <param name="User">Its name.</param>
/// <param name="IsHeld">False: it was let go.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why it is, or was, held.</param>
public sealed record ToldHold(string User, bool IsHeld, DateTimeOffset At, string Reason);

using Relay.Messages.Accounts;

namespace Relay.Actors.Accounts;

/// <summary>A user was held or let go.</summary>
/// <param name="Hold">Which of both, and why.</param>
/// <param name="IsOurs">False when another node said so.</param>
public readonly record struct AccountChange(ToldHold Hold, bool IsOurs);

namespace Relay.Node.Penalties;

/// <summary>What is known of a client that is under a penalty.</summary>
/// <param name="Left">How long it lasts yet.</param>
/// <param name="Length">How long it is as a whole.</param>
/// <param name="Last">What the client did last.</param>
internal readonly record struct PenaltyFinding(TimeSpan Left, TimeSpan Length, Offence Last);

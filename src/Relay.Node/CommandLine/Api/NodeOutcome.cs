namespace Relay.Node.CommandLine.Api;

/// <summary>What became of a request on one node.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Done">True when it has done, or told, what was asked.</param>
/// <param name="Problem">Why not; null when it has.</param>
public sealed record NodeOutcome(string Node, bool Done, string? Problem);

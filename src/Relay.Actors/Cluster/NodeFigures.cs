namespace Relay.Actors.Cluster;

/// <summary>What only a node itself knows, and the others are told of.</summary>
/// <param name="PolicyVersion">The version of the policy in force.</param>
/// <param name="QueueMessages">Messages in its queue.</param>
/// <param name="PressureLevel">0 Normal to 3 Critical.</param>
/// <param name="Shards">Parts of the limits' budgets that live on it.</param>
public readonly record struct NodeFigures(long PolicyVersion, long QueueMessages, int PressureLevel, int Shards);

namespace Relay.Node.CommandLine.Api;

/// <summary>The states that a message in the queue is shown in.</summary>
internal static class QueueStates
{
    /// <summary>Their names.</summary>
    public static readonly string[] All = ["active", "queued", "deferred", "held", "bouncing", "failed", "reporting"];
}

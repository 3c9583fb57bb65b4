using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.CommandLine.Api;

/// <summary>The states that a message in the queue is shown in.</summary>
internal static class QueueStates
{
    /// <summary>Their names.</summary>
    public static readonly string[] All = ["active", "queued", "deferred", "held", "bouncing", "failed", "reporting"];

    /// <summary>What is wrong with a text that should be one of them; null when it is.</summary>
    public static string? Problem(string text) => All.Contains(text, StringComparer.Ordinal)
        ? null
        : $"{ShownText.Quote(text)} is no state: {NearestKey.Hint(text, All, string.Join(", ", All))}";
}

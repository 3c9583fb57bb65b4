using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/queue</c>.</summary>
/// <param name="Messages">The messages that match, up to the limit that was asked for.</param>
/// <param name="Total">How many match in all.</param>
public sealed record QueueAnswer(IReadOnlyList<QueuedMessage> Messages, long Total)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

/// <summary>A message in the queue; the answer of <c>GET /api/queue/{id}</c>.</summary>
/// <param name="Id">The id that the 250 gave.</param>
/// <param name="Sender">The reverse-path without brackets; empty for the null path.</param>
/// <param name="Recipients">Everyone it is for, the done ones too.</param>
/// <param name="Size">Content, in octets.</param>
/// <param name="Arrived">When it was accepted.</param>
/// <param name="State">What it waits for.</param>
public sealed record QueuedMessage(
    string Id, string Sender, IReadOnlyList<QueuedRecipient> Recipients, long Size, DateTimeOffset Arrived, string State)
{
    /// <summary>The node that has it; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }

    /// <summary>When it is given up; null when that is not known.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Why it is held, in an operator's words; null when it is not.</summary>
    public string? HoldReason { get; init; }
}

/// <summary>One recipient of a message in the queue.</summary>
/// <param name="Address">The forward-path without brackets.</param>
/// <param name="State">What became of it so far.</param>
/// <param name="Destination">The next-hop site; null while none is known.</param>
/// <param name="Attempts">How often delivery was tried.</param>
/// <param name="NextAttempt">When it is tried next; null when it is not.</param>
/// <param name="LastStage">Where the last attempt ended; null before the first.</param>
/// <param name="LastReply">What the next hop said then, or what we say for it; null before the first attempt.</param>
public sealed record QueuedRecipient(
    string Address, string State, string? Destination, int Attempts, DateTimeOffset? NextAttempt, string? LastStage, string? LastReply)
{
    /// <summary>The action that an operator wants of it once the attempt that is on has ended without delivering; null when none.</summary>
    public string? Then { get; init; }
}

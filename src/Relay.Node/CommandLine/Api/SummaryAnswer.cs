using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/queue/summary</c>.</summary>
/// <param name="Messages">All messages.</param>
/// <param name="Bytes">Their content, in octets.</param>
/// <param name="States">How many messages are in each state.</param>
/// <param name="Destinations">By next-hop site, those with most messages first.</param>
/// <param name="Domains">By recipient domain.</param>
/// <param name="Senders">By sender; the null path has an empty name.</param>
public sealed record SummaryAnswer(
    int Messages,
    long Bytes,
    IReadOnlyDictionary<string, int> States,
    IReadOnlyList<SummaryRow> Destinations,
    IReadOnlyList<SummaryRow> Domains,
    IReadOnlyList<SummaryRow> Senders)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

/// <summary>One row of a summary.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Messages">Messages with at least one recipient that is not done.</param>
/// <param name="Bytes">Their content, in octets.</param>
/// <param name="Oldest">When the oldest of them was accepted.</param>
public sealed record SummaryRow(string Name, int Messages, long Bytes, DateTimeOffset Oldest);

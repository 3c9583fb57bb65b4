using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/destinations</c>.</summary>
/// <param name="Destinations">All of them, by name.</param>
public sealed record DestinationsAnswer(IReadOnlyList<Destination> Destinations)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

/// <summary>One next-hop site.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>working</c>, <c>idle</c>, <c>parked</c> or <c>paused</c>.</param>
/// <param name="Messages">Messages that wait for it or are on their way to it.</param>
/// <param name="InFlight">Attempts that are on.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="Window">Attempts that may be on at once.</param>
/// <param name="Until">When a pause or parking ends; null otherwise.</param>
/// <param name="Reason">Why it is paused or parked; null otherwise.</param>
/// <param name="Domains">Recipient domains that it serves, the first ten.</param>
public sealed record Destination(
    string Name,
    string State,
    int Messages,
    int InFlight,
    int Connections,
    double Window,
    DateTimeOffset? Until,
    string? Reason,
    IReadOnlyList<string> Domains)
{
    /// <summary>The node that this is about; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }
}

/// <summary>The answer of <c>POST /api/destinations/{pause|resume}</c>.</summary>
/// <param name="Names">The destinations that were meant.</param>
/// <param name="Until">When a pause ends; null for a resumption.</param>
public sealed record DestinationChange(IReadOnlyList<string> Names, DateTimeOffset? Until)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

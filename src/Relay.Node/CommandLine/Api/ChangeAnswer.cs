using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>POST /api/queue/{hold|release|retry|delete|bounce}</c>.</summary>
/// <param name="Matched">Messages that the selection means.</param>
/// <param name="Changed">Those to which something was done, or would be.</param>
/// <param name="InFlight">Those of them with an attempt that is on: there it is done when the attempt ends, unless it delivers.</param>
public sealed record ChangeAnswer(int Matched, int Changed, int InFlight)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

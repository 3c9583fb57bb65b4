using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin.EveryNode;

/// <summary>The destinations of all nodes by name, each with its node: connections, windows and pauses are a node's own.</summary>
internal sealed class DestinationsMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var rows = done
            .SelectMany(static result => result.Read<DestinationsAnswer>().Destinations.Select(destination => destination with { Node = result.Node }))
            .OrderBy(static destination => destination.Name, StringComparer.Ordinal).ThenBy(static destination => destination.Node, StringComparer.Ordinal);
        return Results.Json(new DestinationsAnswer([.. rows]) { Nodes = [.. all.Select(static each => each.Outcome)] });
    }
}

/// <summary>The destinations that were paused or resumed on some node.</summary>
/// <param name="isResumption">True where a node that has no such destination has nothing left to do: what is not there is not paused.</param>
internal sealed class DestinationChangeMerge(bool isResumption) : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var answers = done.Select(static result => result.Read<DestinationChange>()).ToArray();
        return Results.Json(new DestinationChange(
            [.. answers.SelectMany(static answer => answer.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            answers.Max(static answer => answer.Until))
        {
            Nodes = [.. all.Select(Outcome)],
        });
    }

    private NodeOutcome Outcome(NodeResult result) =>
        isResumption && result.Status == StatusCodes.Status404NotFound ? new NodeOutcome(result.Node, true, null) : result.Outcome;
}

namespace Relay.Node.Admin.EveryNode;

/// <summary>Marks a resource that every node has a part of: makes one answer of all of theirs.</summary>
internal interface IMerge
{
    /// <summary>Path and query that the nodes are asked with.</summary>
    string PathFor(HttpRequest request) => request.Path + request.QueryString;

    /// <summary>One answer of those that are done (at least one), with the outcomes of all.</summary>
    IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all);
}

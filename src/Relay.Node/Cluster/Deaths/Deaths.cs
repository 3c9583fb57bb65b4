namespace Relay.Node.Cluster.Deaths;

/// <summary>Which nodes are surely dead. Pure.</summary>
internal static class Deaths
{
    /// <summary>Those that refuse connections twice, while more than half of all nodes, this one included, can be reached.</summary>
    /// <remarks>
    /// A firewall may refuse in the place of a node that lives. That cuts a cluster in two, of which one part at the most has more than half: the other one
    /// removes nobody, and leaves by the rule for partitions.
    /// </remarks>
    /// <param name="findings">What came of a connection to each of the other nodes.</param>
    /// <param name="refusedBefore">Those that refused the time before.</param>
    /// <typeparam name="TNode">What names a node.</typeparam>
    public static IReadOnlyList<TNode> Of<TNode>(IReadOnlyDictionary<TNode, PortFinding> findings, IReadOnlySet<TNode> refusedBefore)
        where TNode : notnull
    {
        var reached = 1 + findings.Values.Count(static finding => finding == PortFinding.Reached);
        return reached * 2 > findings.Count + 1
            ? [.. findings.Where(node => node.Value == PortFinding.Refused && refusedBefore.Contains(node.Key)).Select(static node => node.Key)]
            : [];
    }
}

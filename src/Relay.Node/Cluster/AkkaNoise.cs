namespace Relay.Node.Cluster;

/// <summary>What Akka says again with every try to reach a node that is gone, in several lines each: that it is gone is told once, by the cluster's own lines and by health.</summary>
internal static class AkkaNoise
{
    private static readonly string[] Beginnings =
    [
        "AssociationError [",
        "Tried to associate with unreachable remote address",
        "Association with remote system",
        "Disassociated",
    ];

    /// <summary>True for a line that tells nothing new.</summary>
    /// <param name="line">The line; Akka puts level, time and place in brackets in front of it.</param>
    public static bool IsIn(string line) => Array.Exists(
        Beginnings, beginning => line.StartsWith(beginning, StringComparison.Ordinal) || line.Contains($"] {beginning}", StringComparison.Ordinal));
}

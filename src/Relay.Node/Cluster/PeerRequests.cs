namespace Relay.Node.Cluster;

/// <summary>What other nodes may ask of this one: what an operator asks of all of them, and nothing that is done once for all or to one node alone.</summary>
internal static class PeerRequests
{
    private static readonly string[] Resources = ["/api/queue", "/api/destinations", "/api/accounts"];

    /// <summary>True for what is answered.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    public static bool Allow(string method, string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var resource = end < 0 ? path : path[..end];
        // Dots and escapes would be resolved behind this check.
        return (HttpMethods.IsGet(method) || HttpMethods.IsPost(method))
            && !resource.Contains("..", StringComparison.Ordinal)
            && !resource.Contains("%2e", StringComparison.OrdinalIgnoreCase)
            && !resource.Contains('\\', StringComparison.Ordinal)
            && Array.Exists(Resources, allowed => resource == allowed || resource.StartsWith(allowed + "/", StringComparison.Ordinal));
    }
}

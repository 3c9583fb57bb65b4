namespace Relay.Node.Cluster.Deaths;

/// <summary>What came of a connection to a node's port.</summary>
internal enum PortFinding
{
    /// <summary>Its machine answers that nobody listens there: the process, or its part in the cluster, is gone.</summary>
    Refused,

    /// <summary>Somebody listens.</summary>
    Reached,

    /// <summary>No answer, or one that says nothing: the network may be cut.</summary>
    Unknown,
}

namespace Relay.Node.Cluster;

/// <summary>What health says of a node that is ready all the same. Every service of this type is asked.</summary>
internal interface IHealthNotices
{
    /// <summary>What is not as it should be, a sentence each; empty when all is well. Thread-safe.</summary>
    IEnumerable<string> Notices { get; }
}

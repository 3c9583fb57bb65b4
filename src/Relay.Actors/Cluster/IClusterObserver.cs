using Relay.Messages.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>Hears of the cluster, on the thread of its actor: must neither wait nor throw.</summary>
public interface IClusterObserver
{
    /// <summary>This is how it looks now.</summary>
    void Pictured(ClusterPicture picture);

    /// <summary>No cluster was found, and this node begins one.</summary>
    /// <param name="heard">Seeds that agree, this node included.</param>
    /// <param name="seeds">All seeds.</param>
    void Forming(int heard, int seeds);

    /// <summary>There is another cluster of the same seeds: this node leaves its own, starts its system anew and joins that one.</summary>
    /// <param name="other">A member of the other one.</param>
    void Yielding(MemberId other);
}

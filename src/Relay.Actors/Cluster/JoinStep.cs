namespace Relay.Actors.Cluster;

/// <summary>What a node that is in no cluster does next.</summary>
public abstract record JoinStep
{
    private JoinStep()
    {
    }

    /// <summary>Nothing yet.</summary>
    public sealed record Wait : JoinStep;

    /// <summary>Begins a cluster by joining itself.</summary>
    /// <param name="Heard">Seeds that are in none and know of none, this node included.</param>
    public sealed record Form(int Heard) : JoinStep;

    /// <summary>Asks these nodes, which are in a cluster, to be let in.</summary>
    /// <param name="Addresses">In the order of the seeds.</param>
    public sealed record Ask(IReadOnlyList<string> Addresses) : JoinStep;
}

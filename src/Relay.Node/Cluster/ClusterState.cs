using System.Collections.Immutable;
using Relay.Actors.Cluster;
using Relay.Messages.Wire;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>How the node stands to the cluster. Mail does not depend on it. Thread-safe.</summary>
internal sealed class ClusterState
{
    private volatile string _status = "starting";
    private volatile ClusterPicture? _picture;
    private volatile ImmutableHashSet<string> _witnesses = [];
    private int _starts;

    /// <summary><c>starting</c>, <c>joining</c>, <c>up</c>, <c>down</c> (it is about to be started again).</summary>
    public string Status => _status;

    /// <summary>The cluster as this node sees it; null while its system does not run.</summary>
    public ClusterPicture? Picture => _picture;

    /// <summary>Times the cluster's system was started.</summary>
    public int Starts => Volatile.Read(ref _starts);

    /// <summary>Counts what this node has sent to others.</summary>
    public WireCount Wire { get; } = new();

    public void Starting()
    {
        _status = "starting";
        Interlocked.Increment(ref _starts);
    }

    public void Joining() => _status = "joining";

    public void Up() => _status = "up";

    public void Pictured(ClusterPicture picture)
    {
        foreach (var member in picture.Members)
        {
            var seed = MemberAddress.Of(member.Id.Address);
            _witnesses = member.Roles.Contains(ClusterSection.WitnessRole) ? _witnesses.Add(seed) : _witnesses.Remove(seed);
        }

        _picture = picture;
    }

    /// <summary>True for a node that was a witness when it was last seen.</summary>
    /// <param name="seed">Its address, as settings name seeds.</param>
    public bool WasWitness(string seed) => _witnesses.Contains(seed);

    public void Down()
    {
        _picture = null;
        _status = "down";
    }
}

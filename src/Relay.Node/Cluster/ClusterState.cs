using Relay.Actors.Cluster;
using Relay.Messages.Wire;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>How the node stands to the cluster. Mail does not depend on it. Thread-safe.</summary>
internal sealed class ClusterState
{
    private volatile string _status = "starting";
    private volatile ClusterPicture? _picture;
    private int _starts;

    public ClusterState(NodeSettings settings) => Expected = new ExpectedNodes(settings.Cluster.Seeds);

    /// <summary>The nodes that ought to be in the cluster.</summary>
    public ExpectedNodes Expected { get; }

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
            Expected.Seen(MemberAddress.Of(member.Id.Address), MemberAddress.Of(member.Name), member.Roles.Contains(ClusterRoles.Relay));
        }

        _picture = picture;
    }

    public void Down()
    {
        _picture = null;
        _status = "down";
    }
}

namespace Relay.Node.Cluster;

/// <summary>How the node stands to the cluster. Mail does not depend on it.</summary>
internal sealed class ClusterState
{
    private volatile string _status = "starting";
    private int _starts;

    /// <summary><c>starting</c>, <c>up</c>, <c>down</c> (it is about to be started again).</summary>
    public string Status => _status;

    /// <summary>Times the cluster's system was started.</summary>
    public int Starts => Volatile.Read(ref _starts);

    public void Starting()
    {
        _status = "starting";
        Interlocked.Increment(ref _starts);
    }

    public void Up() => _status = "up";

    public void Down() => _status = "down";
}

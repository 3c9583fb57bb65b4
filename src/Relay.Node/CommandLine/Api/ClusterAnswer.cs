namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/cluster</c>: the cluster as the node that was asked sees it.</summary>
/// <param name="Node">The name of that node.</param>
/// <param name="Status">How it stands to the cluster: <c>starting</c>, <c>joining</c>, <c>up</c> or <c>down</c>.</param>
/// <param name="Members">All members, by address; only the node itself while it is in no cluster.</param>
/// <param name="Notices">What is not as it should be, a sentence each.</param>
public sealed record ClusterAnswer(string Node, string Status, IReadOnlyList<ClusterMember> Members, IReadOnlyList<string> Notices);

/// <summary>A member of the cluster.</summary>
/// <param name="Name">Its name; its address while it has told none.</param>
/// <param name="Address">Where the other nodes reach it.</param>
/// <param name="Roles">What it is: <c>relay</c>, <c>witness</c>, <c>client</c>.</param>
/// <param name="Status"><c>joining</c>, <c>weaklyup</c>, <c>up</c>, <c>leaving</c>, <c>exiting</c> or <c>down</c>.</param>
/// <param name="Reachable">False when nothing is heard of it.</param>
/// <param name="PolicyVersion">The version of the policy that it has in force; null while it has told nothing, and for a program.</param>
/// <param name="Pressure">0 Normal to 3 Critical; null likewise.</param>
/// <param name="Queue">Messages in its queue; null likewise.</param>
/// <param name="Shards">Parts of the limits' budgets, of 60, that live on it; null likewise.</param>
public sealed record ClusterMember(
    string Name,
    string Address,
    IReadOnlyList<string> Roles,
    string Status,
    bool Reachable,
    long? PolicyVersion,
    int? Pressure,
    long? Queue,
    int? Shards);

/// <summary>The answer of <c>POST /api/cluster/leave</c>: the node has begun to drain.</summary>
/// <param name="Node">Its name.</param>
/// <param name="DrainTime">How long conversations and deliveries may go on at the most.</param>
/// <param name="Queue">Messages in its queue now: those that are left then stay in its spool.</param>
public sealed record LeaveAnswer(string Node, string DrainTime, long Queue);

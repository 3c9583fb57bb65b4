using Relay.Messages.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>How a node gets into its cluster, decided from what the seeds tell of themselves. Pure: no clock, no Akka.</summary>
/// <remarks>
/// Akka's own rule lets the first seed form a cluster alone when no other answers, so that one started again in a partition makes a second
/// cluster; and no other seed ever forms one, so that nothing comes up while the first is dead. Here a cluster is formed only by a majority of
/// the seeds, by the first of those that are heard: a part that could not have gone on in a partition does not begin in one either.
/// </remarks>
public sealed class JoinPlan
{
    /// <summary>A seed that has not been heard for this long is silent.</summary>
    public static readonly TimeSpan HearingTime = TimeSpan.FromSeconds(3);

    /// <summary>Between two tries to be let in.</summary>
    public static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(5);

    private static readonly JoinStep.Wait Nothing = new();

    private readonly string[] _seeds;
    private readonly int _self;
    private readonly TimeSpan _formWait;
    private readonly TimeSpan _began;
    private readonly Dictionary<string, (NodeReport Report, TimeSpan At)> _heard = new(StringComparer.Ordinal);
    private TimeSpan? _askedAt;

    /// <summary>Begins at a moment.</summary>
    /// <param name="seeds">The addresses of all seeds, in their order.</param>
    /// <param name="self">This node's address; one that is no seed never forms a cluster.</param>
    /// <param name="formWait">How long silent seeds are waited for before the others form a cluster without them.</param>
    /// <param name="now">The moment, as time since any beginning.</param>
    public JoinPlan(IEnumerable<string> seeds, string self, TimeSpan formWait, TimeSpan now)
    {
        _seeds = [.. seeds];
        _self = Array.IndexOf(_seeds, self);
        _formWait = formWait;
        _began = now;
    }

    /// <summary>A node has told of itself; one that is no seed is passed over.</summary>
    public void Heard(NodeReport report, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Array.IndexOf(_seeds, report.Node.Address) is >= 0 and var index && index != _self)
        {
            _heard[report.Node.Address] = (report, now);
        }
    }

    /// <summary>What to do now.</summary>
    public JoinStep Next(TimeSpan now)
    {
        var heard = _seeds.Select(seed => ReportOf(seed, now)).OfType<NodeReport>().ToArray();
        var members = heard.Where(static report => report.IsMember).ToArray();
        if (members.Length > 0)
        {
            return Ask(members, now);
        }

        var agreeing = heard.Length + 1;
        var hasAll = agreeing == _seeds.Length;
        var isFirst = heard.All(report => Array.IndexOf(_seeds, report.Node.Address) > _self);
        return _self >= 0 && isFirst && agreeing > _seeds.Length / 2 && (hasAll || now - _began >= _formWait)
            ? new JoinStep.Form(agreeing)
            : Nothing;
    }

    // Only the largest of several clusters: the others are about to give themselves up.
    private JoinStep Ask(NodeReport[] members, TimeSpan now)
    {
        if (_askedAt is { } asked && now - asked < AskInterval)
        {
            return Nothing;
        }

        _askedAt = now;
        var most = members.Max(static report => report.ReachableMembers);
        return new JoinStep.Ask([.. members.Where(report => report.ReachableMembers == most).Select(static report => report.Node.Address)]);
    }

    private NodeReport? ReportOf(string seed, TimeSpan now) =>
        _heard.TryGetValue(seed, out var heard) && now - heard.At <= HearingTime ? heard.Report : null;
}

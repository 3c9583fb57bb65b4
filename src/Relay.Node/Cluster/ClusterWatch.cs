using System.Collections.Immutable;
using Relay.Actors.Cluster;
using Relay.Messages.Cluster;

namespace Relay.Node.Cluster;

/// <summary>Keeps the node's picture of the cluster, and logs what changes in it. Event ids 4010 to 4029; 4016 is taken; the next free one is 4017.</summary>
internal sealed partial class ClusterWatch : IClusterObserver
{
    private readonly ClusterState _state;
    private readonly ILogger _log;
    private ImmutableDictionary<string, MemberPicture> _known = ImmutableDictionary<string, MemberPicture>.Empty;

    public ClusterWatch(ClusterState state, ILogger log) => (_state, _log) = (state, log);

    public void Pictured(ClusterPicture picture)
    {
        _state.Pictured(picture);
        var members = picture.Members.Where(member => member.Id != picture.Self).ToImmutableDictionary(static member => member.Id.Address);
        foreach (var (address, member) in members)
        {
            var shown = MemberAddress.Of(address);
            if (!_known.TryGetValue(address, out var before) || before.Id != member.Id)
            {
                LogJoined(shown, member.Roles);
            }
            else if (before.IsReachable && !member.IsReachable)
            {
                LogUnreachable(member.Name, shown);
            }
            else if (!before.IsReachable && member.IsReachable)
            {
                LogReachable(member.Name, shown);
            }
        }

        foreach (var (address, member) in _known.Where(known => !members.ContainsKey(known.Key)))
        {
            var shown = MemberAddress.Of(address);
            LogLeft(member.Name, shown);
        }

        _known = members;
    }

    public void Forming(int heard, int seeds) => LogForming(heard, seeds);

    public void Yielding(MemberId other)
    {
        var shown = MemberAddress.Of(other.Address);
        LogYielding(shown);
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Information, Message = "cluster: {Address:l} is a member {Roles}")]
    private partial void LogJoined(string address, ImmutableArray<string> roles);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "cluster: {Name:l} ({Address:l}) is unreachable")]
    private partial void LogUnreachable(string name, string address);

    [LoggerMessage(EventId = 4012, Level = LogLevel.Information, Message = "cluster: {Name:l} ({Address:l}) is reachable again")]
    private partial void LogReachable(string name, string address);

    [LoggerMessage(EventId = 4013, Level = LogLevel.Information, Message = "cluster: {Name:l} ({Address:l}) is no member any more")]
    private partial void LogLeft(string name, string address);

    [LoggerMessage(EventId = 4014, Level = LogLevel.Information, Message = "cluster: none of {Seeds} seeds is in one; {Heard} of them begin it")]
    private partial void LogForming(int heard, int seeds);

    [LoggerMessage(EventId = 4015, Level = LogLevel.Warning, Message =
        "cluster: {Address:l} is in another cluster of the same seeds; this node leaves its own, which is the smaller, and joins that one")]
    private partial void LogYielding(string address);
}

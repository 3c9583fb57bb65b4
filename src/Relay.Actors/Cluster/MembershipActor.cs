using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Relay.Messages.Cluster;

namespace Relay.Actors.Cluster;

/// <summary>Gets this node into its cluster, tells the other nodes of it, and keeps what they tell.</summary>
public sealed class MembershipActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two reports.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>Between two reports while this node is in no cluster: others wait for it.</summary>
    public static readonly TimeSpan JoiningInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two reports to a seed that does not answer: each is a try to connect.</summary>
    public static readonly TimeSpan SilentSeedInterval = TimeSpan.FromSeconds(5);

    private readonly Akka.Cluster.Cluster _cluster;
    private readonly MembershipSettings _settings;
    private readonly string[] _seeds;
    private readonly MemberId _self;
    private readonly JoinPlan _join;
    private readonly OtherClusters _others;
    private readonly Dictionary<string, (NodeReport Report, TimeSpan At)> _reports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _told = new(StringComparer.Ordinal);
    private readonly long _began;
    private bool _isForming;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public MembershipActor(MembershipSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _cluster = Akka.Cluster.Cluster.Get(Context.System);
        _began = settings.Time.GetTimestamp();
        _self = Of(_cluster.SelfUniqueAddress);
        _seeds = settings.Seeds.Count == 0 ? [_self.Address] : [.. settings.Seeds.Select(AddressOf)];
        var formWait = Context.System.Settings.Config.GetTimeSpan("akka.cluster.seed-node-timeout");
        _join = new JoinPlan(_seeds, _self.Address, formWait, Now);
        _others = new OtherClusters(_seeds);
        Receive<Tick>(_ => OnTick());
        Receive<NodeReport>(OnReport);
        Receive<ClusterEvent.IClusterDomainEvent>(_ => Publish());
        Receive<ClusterEvent.CurrentClusterState>(static _ => { });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    private TimeSpan Now => _settings.Time.GetElapsedTime(_began);

    /// <summary>Props of the actor.</summary>
    public static Props PropsFor(MembershipSettings settings) => Props.Create(() => new MembershipActor(settings));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        OnTick();
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnTick()
    {
        var picture = Publish();
        if (!picture.IsMember)
        {
            Join();
        }

        var report = ReportOf(picture);
        var members = picture.Members.Select(static member => member.Id.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var address in members.Union(_seeds).Where(address => address != _self.Address))
        {
            Tell(address, report, members.Contains(address));
        }

        Forget(members);
        Timers.StartSingleTimer(nameof(Tick), Tick.Instance, picture.IsMember ? ReportInterval : JoiningInterval);
    }

    private void Join()
    {
        switch (_join.Next(Now))
        {
            case JoinStep.Form form when !_isForming:
                _isForming = true;
                if (_seeds.Length > 1)
                {
                    _settings.Observer.Forming(form.Heard, _seeds.Length);
                }

                _cluster.Join(_cluster.SelfAddress);
                break;
            case JoinStep.Ask ask when !_isForming:
                _cluster.JoinSeedNodes([.. ask.Addresses.Select(Address.Parse)]);
                break;
        }
    }

    private void OnReport(NodeReport report)
    {
        _join.Heard(report, Now);
        var picture = Picture();
        if (picture.Members.Any(member => member.Id == report.Node) || _seeds.Contains(report.Node.Address, StringComparer.Ordinal))
        {
            _reports[report.Node.Address] = (report, Now);
            Publish();
        }

        if (_others.MustYield(report, ReportOf(picture), Now))
        {
            _settings.Observer.Yielding(report.Node);
            Context.System.Terminate();
        }
    }

    private void Tell(string address, NodeReport report, bool isMember)
    {
        var isSilent = !isMember && !IsHeard(address);
        if (isSilent && _told.TryGetValue(address, out var told) && Now - told < SilentSeedInterval)
        {
            return;
        }

        _told[address] = Now;
        Context.ActorSelection($"{address}/user/{ActorNames.Membership}").Tell(report);
    }

    private void Forget(HashSet<string> members)
    {
        foreach (var address in _reports.Keys.Concat(_told.Keys).Where(address => !members.Contains(address) && !_seeds.Contains(address)).ToArray())
        {
            _reports.Remove(address);
            _told.Remove(address);
        }
    }

    private ClusterPicture Publish()
    {
        var picture = Picture();
        _settings.Observer.Pictured(picture);
        return picture;
    }

    private ClusterPicture Picture()
    {
        var state = _cluster.State;
        var members = state.Members.Select(member => Picture(member, !state.Unreachable.Contains(member)))
            .OrderBy(static member => member.Id.Address, StringComparer.Ordinal).ToImmutableArray();
        if (!members.Any(member => member.Id == _self))
        {
            members = [];
        }

        return new ClusterPicture(_self, members, [.. _seeds.Where(seed => IsMissing(seed, members))]);
    }

    private bool IsMissing(string seed, ImmutableArray<MemberPicture> members) =>
        seed != _self.Address && !members.Any(member => member.Id.Address == seed) && !IsHeard(seed);

    private bool IsHeard(string address) => _reports.TryGetValue(address, out var last) && Now - last.At <= JoinPlan.HearingTime;

    private MemberPicture Picture(Member member, bool isReachable)
    {
        var id = Of(member.UniqueAddress);
        var report = _reports.TryGetValue(id.Address, out var told) && told.Report.Node == id ? told.Report : null;
        return new MemberPicture(
            id,
            [.. member.Roles.Order(StringComparer.Ordinal)],
            member.Status.ToString().ToLowerInvariant(),
            isReachable,
            id == _self ? OwnReport([], 0) : report);
    }

    private NodeReport ReportOf(ClusterPicture picture) => OwnReport(
        [.. picture.Members.Select(static member => member.Id).Take(NodeReport.MembersMax)], picture.Members.Count(static member => member.IsReachable));

    private NodeReport OwnReport(ImmutableArray<MemberId> members, int reachable)
    {
        var figures = _settings.Figures();
        return new NodeReport(_settings.Name, _self, members, reachable, figures.PolicyVersion, figures.QueueMessages, figures.PressureLevel, figures.Shards);
    }

    // With the protocol of this node: between nodes with TLS it has another name.
    private string AddressOf(IPEndPoint seed)
    {
        var self = _cluster.SelfAddress;
        var host = seed.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{seed.Address}]" : seed.Address.ToString();
        return new Address(self.Protocol, self.System, host, seed.Port).ToString();
    }

    private static MemberId Of(UniqueAddress node) => new(node.Address.ToString(), node.Uid);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}

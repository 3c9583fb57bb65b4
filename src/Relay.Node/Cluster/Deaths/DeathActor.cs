using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Relay.Actors.Cluster;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Relay.Node.Cluster.Deaths;

/// <summary>Removes nodes whose process is gone from the cluster at once. Without it they would be waited for as if the network were cut: seven seconds in which their limits are nobody's.</summary>
/// <remarks>Event id 4016.</remarks>
internal sealed partial class DeathActor : ReceiveActor, IWithTimers
{
    /// <summary>For a connection to a node.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks at nodes of which one refused.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ILogger _log;
    private HashSet<Address> _refused = [];
    private bool _isLooking;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public DeathActor(ILogger log)
    {
        _log = log;
        Receive<DisassociatedEvent>(ended => OnLost(ended.RemoteAddress));
        Receive<AssociationErrorEvent>(failed => OnLost(failed.RemoteAddress));
        Receive<ClusterEvent.UnreachableMember>(lost => OnLost(lost.Member.Address));
        Receive<Look>(_ => LookAtAll());
        Receive<Findings>(OnFindings);
    }

    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(ILogger log) => Props.Create(() => new DeathActor(log));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.UnreachableMember));
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _cluster.Unsubscribe(Self);
    }

    private void OnLost(Address address)
    {
        if (!_isLooking && Others().Contains(address))
        {
            LookAtAll();
        }
    }

    private void LookAtAll()
    {
        _isLooking = true;
        FindAsync([.. Others()]).PipeTo(Self, failure: static _ => new Findings(new Dictionary<Address, PortFinding>()));
    }

    private void OnFindings(Findings found)
    {
        var (before, others) = (_refused, Others().ToHashSet());
        _refused = [.. found.Ports.Where(port => port.Value == PortFinding.Refused && others.Contains(port.Key)).Select(static port => port.Key)];
        var dead = Deaths.Of(found.Ports, before);
        foreach (var address in dead.Where(others.Contains))
        {
            var shown = MemberAddress.Of(address.ToString());
            LogDead(shown);
            _cluster.Down(address);
        }

        _isLooking = _refused.Except(before).Any();
        if (_isLooking)
        {
            Timers.StartSingleTimer(Look.Instance, Look.Instance, Interval);
        }
        else
        {
            _refused = [];
        }
    }

    // Those that are leaving close their ports by themselves.
    private IEnumerable<Address> Others() => _cluster.State.Members
        .Where(member => ClusterRoles.IsNode(member) && member.Status is MemberStatus.Up or MemberStatus.WeaklyUp && member.UniqueAddress != _cluster.SelfUniqueAddress)
        .Select(static member => member.Address);

    private static async Task<Findings> FindAsync(Address[] nodes)
    {
        var ports = await Task.WhenAll(nodes.Select(ConnectAsync)).ConfigureAwait(false);
        return new Findings(nodes.Zip(ports).ToDictionary(static node => node.First, static node => node.Second));
    }

    private static async Task<PortFinding> ConnectAsync(Address node)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(ConnectTime);
        try
        {
            EndPoint port = IPAddress.TryParse(node.Host, out var ip) ? new IPEndPoint(ip, node.Port ?? 0) : new DnsEndPoint(node.Host ?? string.Empty, node.Port ?? 0);
            await socket.ConnectAsync(port, patience.Token).ConfigureAwait(false);
            return PortFinding.Reached;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? PortFinding.Refused : PortFinding.Unknown;
        }
        catch (Exception e) when (e is OperationCanceledException or ArgumentException)
        {
            return PortFinding.Unknown;
        }
    }

    [LoggerMessage(EventId = 4016, Level = LogLevel.Warning, Message = "cluster: {Address:l} is dead, nothing listens there any more; it is removed")]
    private partial void LogDead(string address);

    private sealed record Findings(IReadOnlyDictionary<Address, PortFinding> Ports);

    private sealed record Look
    {
        public static readonly Look Instance = new();
    }
}

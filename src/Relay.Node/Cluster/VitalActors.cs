using Akka.Actor;
using Akka.Cluster;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Relay.Node.Cluster;

/// <summary>Watches the long-lived actors of a cluster's system. Without one of them the node would go on half deaf, and look healthy: the system is ended, and started anew.</summary>
/// <remarks>They end when the node leaves its cluster, or is downed, which ends the system by itself; and by a defect, or by a message of another program's.</remarks>
internal sealed partial class VitalActors : ReceiveActor
{
    private readonly ILogger _log;

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public VitalActors(IActorRef[] actors, ILogger log)
    {
        _log = log;
        foreach (var actor in actors)
        {
            Context.Watch(actor);
        }

        Receive<Terminated>(OnEnded);
    }

    /// <summary>Props of one that watches all actors that a system has at its top now.</summary>
    public static Props PropsFor(ActorSystem system, ILogger log)
    {
        var actors = ((ActorRefWithCell)((ExtendedActorSystem)system).Guardian).Children.ToArray();
        return Props.Create(() => new VitalActors(actors, log));
    }

    private void OnEnded(Terminated ended)
    {
        var cluster = Akka.Cluster.Cluster.Get(Context.System);
        if (!cluster.IsTerminated && cluster.SelfMember.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up
            && CoordinatedShutdown.Get(Context.System).ShutdownReason is null)
        {
            LogEnded(ended.ActorRef.Path.Name);
            Context.System.Terminate();
        }
    }

    [LoggerMessage(EventId = 4006, Level = LogLevel.Error, Message = "cluster: the actor {Name:l} has ended; the cluster's system is started anew, mail goes on")]
    private partial void LogEnded(string name);
}

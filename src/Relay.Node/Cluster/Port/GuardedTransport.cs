using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using Relay.Node.Cluster.Tls;

namespace Relay.Node.Cluster.Port;

/// <summary>Akka's transport, which asks <see cref="PeerProbe"/> before it calls anybody, and takes no more calls than <see cref="PortDoor"/> lets in.</summary>
internal sealed class GuardedTransport : Transport
{
    private const string InnerType = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote";

    private readonly Transport _inner;
    private readonly GuardSetup _guard;

    /// <summary>Made by Akka.</summary>
    public GuardedTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _inner = (Transport)Activator.CreateInstance(Type.GetType(InnerType, throwOnError: true)!, system, config)!;
        _guard = system.Settings.Setup.Get<GuardSetup>().Value;
        SchemeIdentifier = _inner.SchemeIdentifier;
        MaximumPayloadBytes = _inner.MaximumPayloadBytes;
    }

    /// <summary>What makes Akka use it, as HOCON.</summary>
    public static string Hocon => $"akka.remote.dot-netty.tcp.transport-class = \"{typeof(GuardedTransport).AssemblyQualifiedName}\"";

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        var (address, inner) = await _inner.Listen().ConfigureAwait(false);
        var outer = new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = PassOnAsync(outer.Task, inner);
        return (address, outer);
    }

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override async Task<AssociationHandle> Associate(Address remoteAddress) =>
        _guard.Probe is { } probe && await probe.ProblemOfAsync(remoteAddress).ConfigureAwait(false) is { } problem
            ? throw new InvalidAssociationException($"{MemberAddress.Of(remoteAddress.ToString())}: {problem}")
            : await _inner.Associate(remoteAddress).ConfigureAwait(false);

    public override Task<bool> Shutdown() => _inner.Shutdown();

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);

    private async Task PassOnAsync(Task<IAssociationEventListener> outer, TaskCompletionSource<IAssociationEventListener> inner) =>
        inner.TrySetResult(new Listener(await outer.ConfigureAwait(false), _guard.Door));

    /// <summary>Brings what guards to the transport.</summary>
    internal sealed class GuardSetup : Setup
    {
        public GuardSetup(PortDoor door, PeerProbe? probe) => (Door, Probe) = (door, probe);

        public PortDoor Door { get; }

        public PeerProbe? Probe { get; }
    }

    /// <summary>Hears of connections before Akka does.</summary>
    private sealed class Listener(IAssociationEventListener inner, PortDoor door) : IAssociationEventListener
    {
        public void Notify(IAssociationEvent ev)
        {
            if (ev is not InboundAssociation { Association: var connection })
            {
                inner.Notify(ev);
            }
            else if (door.TryEnter(connection.RemoteAddress.Host) is { } place)
            {
                inner.Notify(new InboundAssociation(new CountedAssociation(connection, place)));
            }
            else
            {
                connection.Disassociate("too many connections of its kind", NoLogger.Instance);
            }
        }
    }
}

using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace Relay.Node.Cluster.Tls;

/// <summary>Akka's transport, which asks <see cref="PeerProbe"/> before it calls anybody.</summary>
internal sealed class GuardedTransport : Transport
{
    private const string InnerType = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote";

    private readonly Transport _inner;
    private readonly PeerProbe _probe;

    /// <summary>Made by Akka.</summary>
    public GuardedTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _inner = (Transport)Activator.CreateInstance(Type.GetType(InnerType, throwOnError: true)!, system, config)!;
        _probe = system.Settings.Setup.Get<ProbeSetup>().Value.Probe;
        SchemeIdentifier = _inner.SchemeIdentifier;
        MaximumPayloadBytes = _inner.MaximumPayloadBytes;
    }

    /// <summary>What makes Akka use it, as HOCON.</summary>
    public static string Hocon => $"akka.remote.dot-netty.tcp.transport-class = \"{typeof(GuardedTransport).AssemblyQualifiedName}\"";

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _inner.Listen();

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override async Task<AssociationHandle> Associate(Address remoteAddress) => await _probe.ProblemOfAsync(remoteAddress).ConfigureAwait(false) is { } problem
        ? throw new InvalidAssociationException($"{MemberAddress.Of(remoteAddress.ToString())}: {problem}")
        : await _inner.Associate(remoteAddress).ConfigureAwait(false);

    public override Task<bool> Shutdown() => _inner.Shutdown();

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);

    /// <summary>Brings the probe to the transport.</summary>
    internal sealed class ProbeSetup : Setup
    {
        public ProbeSetup(PeerProbe probe) => Probe = probe;

        public PeerProbe Probe { get; }
    }
}

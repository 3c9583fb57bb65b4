using Akka.Actor;
using Akka.Hosting;
using Relay.Node.Settings;

namespace Relay.Node.Cluster;

/// <summary>A part of the cluster's system that is one actor, on nodes that relay mail. What it works with goes on without it.</summary>
/// <param name="settings">Say what the node is.</param>
/// <param name="name">The actor's name: the other nodes know it.</param>
/// <param name="props">Its recipe, asked for when the system runs.</param>
internal sealed class ActorPart(NodeSettings settings, string name, Func<Props> props) : IRelaySystemPart
{
    public void Configure(AkkaConfigurationBuilder akka)
    {
        // An actor is all there is to it.
    }

    public void Started(ActorSystem system)
    {
        if (settings.Cluster.IsRelay)
        {
            system.ActorOf(props(), name);
        }
    }

    public void Ended()
    {
        // The actor has ended with the system.
    }
}

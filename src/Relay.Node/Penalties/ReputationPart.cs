using Akka.Actor;
using Akka.Hosting;
using Relay.Actors;
using Relay.Actors.Cluster;
using Relay.Actors.Reputation;
using Relay.Node.Cluster;
using Relay.Node.Composition;
using Relay.Node.Settings;

namespace Relay.Node.Penalties;

/// <summary>Where the nodes tell each other of clients that are refused, as a part of the cluster's system.</summary>
internal sealed class ReputationPart(NodeSettings settings, MailHost mail) : IRelaySystemPart
{
    public void Configure(AkkaConfigurationBuilder akka)
    {
        // An actor is all there is to it.
    }

    public void Started(ActorSystem system)
    {
        if (settings.Cluster.Roles.Contains(ClusterRoles.Relay, StringComparer.Ordinal))
        {
            system.ActorOf(ReputationActor.PropsFor(mail.Services.Penalties), ActorNames.Reputation);
        }
    }

    public void Ended()
    {
        // Refusals go on being counted here.
    }
}

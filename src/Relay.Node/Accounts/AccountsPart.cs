using Akka.Actor;
using Akka.Hosting;
using Relay.Actors;
using Relay.Actors.Accounts;
using Relay.Actors.Cluster;
using Relay.Node.Cluster;
using Relay.Node.Composition;
using Relay.Node.Settings;

namespace Relay.Node.Accounts;

/// <summary>Where the nodes tell each other of users' accounts, as a part of the cluster's system.</summary>
internal sealed class AccountsPart(NodeSettings settings, MailHost mail) : IRelaySystemPart
{
    public void Configure(AkkaConfigurationBuilder akka)
    {
        // An actor is all there is to it.
    }

    public void Started(ActorSystem system)
    {
        if (settings.Cluster.Roles.Contains(ClusterRoles.Relay, StringComparer.Ordinal))
        {
            system.ActorOf(AccountsActor.PropsFor(mail.Services.Accounts.Breaker), ActorNames.Accounts);
        }
    }

    public void Ended()
    {
        // Users go on being counted and held here.
    }
}

using Akka.Actor;
using Relay.Actors;
using Relay.Actors.Accounts;
using Relay.Actors.Reputation;
using Relay.Node.Cluster;
using Relay.Node.Listeners;
using Relay.Node.Settings;

namespace Relay.Node.Composition;

/// <summary>What nodes tell each other of clients and users, so that all come to the same verdict.</summary>
internal static class NodeTalk
{
    /// <summary>Adds the parts of the cluster's system that do it.</summary>
    public static void AddTo(IServiceCollection services)
    {
        Add(services, ActorNames.Reputation, static mail => ReputationActor.PropsFor(mail.Penalties));
        Add(services, ActorNames.Accounts, static mail => AccountsActor.PropsFor(mail.Accounts.Breaker));
    }

    private static void Add(IServiceCollection services, string name, Func<SmtpServices, Props> props) =>
        services.AddSingleton<IRelaySystemPart>(made => new ActorPart(
            made.GetRequiredService<NodeSettings>(), name, () => props(made.GetRequiredService<MailHost>().Services)));
}

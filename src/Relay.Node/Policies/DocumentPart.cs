using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Hosting;
using Relay.Actors.Cluster;
using Relay.Actors.Policy.Store;
using Relay.Messages.Policies;
using Relay.Node.Cluster;
using Relay.Node.Settings;

namespace Relay.Node.Policies;

/// <summary>The actors of one shared document in the cluster's system, and the way to its store.</summary>
internal sealed class DocumentPart : IRelaySystemPart
{
    private readonly NodeSettings _settings;
    private readonly DocumentNames _names;
    private readonly ExpectedNodes _expected;
    private readonly IDocumentShelf _shelf;
    private readonly IDocumentUse _use;
    private readonly TimeProvider _time;
    private readonly StoreTimes _times;
    private volatile TaskCompletionSource<Running> _running = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DocumentPart(
        NodeSettings settings, DocumentNames names, ExpectedNodes expected, IDocumentShelf shelf, IDocumentUse use, StoreTimes times, TimeProvider time)
    {
        _times = times;
        _expected = expected;
        _settings = settings;
        _names = names;
        _shelf = shelf;
        _use = use;
        _time = time;
    }

    public void Configure(AkkaConfigurationBuilder akka) => akka
        .AddHocon(ClusterSingleton.DefaultConfig(), HoconAddMode.Append)
        // Until the cluster is there nobody can be found, and whoever needs the store says so himself.
        .AddHocon("akka.cluster.singleton-proxy.log-singleton-identification-failure = off", HoconAddMode.Prepend);

    public void Started(ActorSystem system)
    {
        var roles = _settings.Cluster.Roles;
        var relays = roles.Contains(ClusterRoles.Relay);
        if (relays)
        {
            var store = PolicyStoreActor.PropsFor(new StoreResources(_names, _expected, _time) { Times = _times });
            var manager = ClusterSingletonManagerSettings.Create(system).WithRole(ClusterRoles.Relay);
            system.ActorOf(ClusterSingletonManager.Props(store, PoisonPill.Instance, manager), _names.Store);
        }

        var proxy = system.ActorOf(
            ClusterSingletonProxy.Props(_names.StorePath, ClusterSingletonProxySettings.Create(system).WithRole(ClusterRoles.Relay)), $"{_names.Store}-proxy");
        if (relays || roles.Contains(ClusterRoles.Witness))
        {
            var keeper = new KeeperResources(_names, _settings.Node.Name, relays, _shelf, _use, _time) { Times = _times };
            system.ActorOf(DocumentKeeperActor.PropsFor(keeper, proxy), _names.Keeper);
        }

        _running.TrySetResult(new Running(system, proxy));
    }

    public void Ended()
    {
        _running = new TaskCompletionSource<Running>(TaskCreationOptions.RunContinuationsAsynchronously);
        _use.Lost();
    }

    /// <summary>Proposes another version to the whole cluster.</summary>
    /// <returns>The store's answer, within <see cref="StoreTimes.Proposal"/>.</returns>
    public async Task<DocumentMessages.ProposalAnswer> ProposeAsync(DocumentMessages.Proposal proposal, ReadOnlyMemory<byte> document)
    {
        var answer = new TaskCompletionSource<DocumentMessages.ProposalAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var notRunning = new DocumentMessages.ProposalAnswer(proposal.Id, ProposalOutcome.NotReady, 0, [], [], "the cluster's system is not running");
        if (await RunningAsync() is not { } running)
        {
            return notRunning;
        }

        try
        {
            running.System.ActorOf(ProposerActor.PropsFor(running.Store, proposal, document, _times, answer));
        }
        catch (InvalidOperationException)
        {
            // It ends just now: the others have taken this node for dead.
            return notRunning;
        }

        // One that was made in the last moment has never begun.
        await Task.WhenAny(answer.Task, running.System.WhenTerminated);
        return answer.Task.IsCompleted ? await answer.Task : notRunning;
    }

    // It may be on its way: a node that has just started, or one that is being started again.
    private async Task<Running?> RunningAsync()
    {
        try
        {
            return await _running.Task.WaitAsync(_times.Proposal, _time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private sealed record Running(ActorSystem System, IActorRef Store);
}

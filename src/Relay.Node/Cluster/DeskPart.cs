using Akka.Actor;
using Akka.Hosting;
using Relay.Actors;
using Relay.Actors.Calls;

namespace Relay.Node.Cluster;

/// <summary>Where this node's API asks the other nodes. Thread-safe.</summary>
internal sealed class DeskPart : IRelaySystemPart
{
    private readonly AnswerCall _answer;
    private volatile IActorRef? _desk;

    /// <param name="answer">Answers what other nodes ask of this one.</param>
    public DeskPart(AnswerCall answer) => _answer = (method, path, body) => PeerRequests.Allow(method, path)
        ? answer(method, path, body)
        : Task.FromResult(new NodeAnswer(StatusCodes.Status403Forbidden, default));

    /// <summary>The desk; null while the cluster's system does not run.</summary>
    public IActorRef? Desk => _desk;

    public void Configure(AkkaConfigurationBuilder akka)
    {
        // An actor is all there is to it.
    }

    public void Started(ActorSystem system) => _desk = system.ActorOf(DeskActor.PropsFor(_answer), ActorNames.Desk);

    public void Ended() => _desk = null;
}

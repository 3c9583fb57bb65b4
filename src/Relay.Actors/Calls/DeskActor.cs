using Akka.Actor;
using Relay.Actors.Cluster;
using Relay.Messages.Calls;

namespace Relay.Actors.Calls;

/// <summary>Where a node's API asks other nodes, and answers them. Lives in the cluster's system; each request has an actor of its own.</summary>
public sealed class DeskActor : ReceiveActor
{
    /// <summary>Requests that are answered at once; what comes beyond them is answered with 503.</summary>
    public const int AnsweringMax = 16;

    /// <summary>Requests that are asked at once; what comes beyond them is not answered.</summary>
    public const int AskingMax = 256;

    /// <summary>A request of which nothing is heard for this long is given up.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);

    private const int Forbidden = 403;
    private const int Busy = 503;
    private const int TooLarge = 413;

    private readonly AnswerCall _answer;
    private readonly HashSet<IActorRef> _answering = [];
    private readonly HashSet<IActorRef> _asking = [];

    /// <summary>Made by <see cref="PropsFor"/>.</summary>
    public DeskActor(AnswerCall answer)
    {
        _answer = answer;
        Receive<CallNode>(OnCall);
        Receive<CallMessages.NodeCall>(OnNodeCall);
        Receive<Terminated>(ended =>
        {
            _answering.Remove(ended.ActorRef);
            _asking.Remove(ended.ActorRef);
        });
    }

    /// <summary>Props of the actor.</summary>
    /// <param name="answer">Answers a request of this node's own API.</param>
    public static Props PropsFor(AnswerCall answer) => Props.Create(() => new DeskActor(answer));

    private void OnCall(CallNode call)
    {
        if (_asking.Count < AskingMax)
        {
            _asking.Add(Context.Watch(Context.ActorOf(CallActor.PropsFor(call, Sender))));
        }
    }

    private void OnNodeCall(CallMessages.NodeCall call)
    {
        // A program that only joins, or one that speaks to the port and is no member, has no operator's rights.
        if (!IsNode(Sender.Path.Address))
        {
            Sender.Tell(new CallMessages.Answered(Forbidden, 0));
            return;
        }

        if (_answering.Count >= AnsweringMax || call.BodyBytes > CallMessages.BodyBytesMax)
        {
            Sender.Tell(new CallMessages.Answered(call.BodyBytes > CallMessages.BodyBytesMax ? TooLarge : Busy, 0));
            return;
        }

        _answering.Add(Context.Watch(Context.ActorOf(AnswerActor.PropsFor(call, Sender, _answer))));
    }

    private static bool IsNode(Address address) =>
        Akka.Cluster.Cluster.Get(Context.System).State.Members.Any(member => member.Address == address && ClusterRoles.IsNode(member));

    /// <summary>Ask a node. Answered with <see cref="NodeAnswer"/>, or not at all.</summary>
    /// <param name="Node">The node's address, as Akka writes it.</param>
    /// <param name="Method">GET or POST.</param>
    /// <param name="Path">Path and query, from <c>/api/</c> on.</param>
    /// <param name="Body">The body; empty for none.</param>
    public sealed record CallNode(string Node, string Method, string Path, ReadOnlyMemory<byte> Body);
}

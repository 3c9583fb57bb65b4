using Akka.Actor;
using Relay.Messages.Calls;

namespace Relay.Actors.Calls;

/// <summary>One request to another node, on the side that asks: hands out the body, fetches the answer and tells it to whoever asked.</summary>
internal sealed class CallActor : ReceiveActor
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly IActorRef _asker;
    private int _status;
    private Parcel? _answer;

    /// <param name="call">What is asked of which node.</param>
    /// <param name="asker">Gets the <see cref="NodeAnswer"/>; nothing when the node does not answer.</param>
    public CallActor(DeskActor.CallNode call, IActorRef asker)
    {
        (_body, _asker) = (call.Body, asker);
        Context.SetReceiveTimeout(DeskActor.SilenceMax);
        Context.ActorSelection($"{call.Node}/user/{ActorNames.Desk}").Tell(new CallMessages.NodeCall(call.Method, call.Path, call.Body.Length));
        Receive<CallMessages.PieceWanted>(wanted => Sender.Tell(Parcel.Cut(_body, wanted.Offset)));
        Receive<CallMessages.Answered>(OnAnswered);
        Receive<CallMessages.Piece>(OnPiece);
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
    }

    public static Props PropsFor(DeskActor.CallNode call, IActorRef asker) => Props.Create(() => new CallActor(call, asker));

    private void OnAnswered(CallMessages.Answered answered)
    {
        if (answered.BodyBytes > CallMessages.AnswerBytesMax)
        {
            Context.Stop(Self);
            return;
        }

        _status = answered.Status;
        _answer = new Parcel(answered.BodyBytes);
        Continue();
    }

    private void OnPiece(CallMessages.Piece piece)
    {
        if (_answer?.Take(piece) == true)
        {
            Continue();
        }
    }

    private void Continue()
    {
        if (!_answer!.IsWhole)
        {
            Sender.Tell(new CallMessages.PieceWanted(_answer.Offset));
            return;
        }

        _asker.Tell(new NodeAnswer(_status, _answer.Bytes));
        Context.Stop(Self);
    }
}

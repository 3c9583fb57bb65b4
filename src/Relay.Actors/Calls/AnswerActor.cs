using Akka.Actor;
using Relay.Messages.Calls;

namespace Relay.Actors.Calls;

/// <summary>One request of another node, on the side that answers: fetches the body, has it answered, and hands out the answer.</summary>
internal sealed class AnswerActor : ReceiveActor
{
    private const int Unanswerable = 503;

    private readonly AnswerCall _answerCall;
    private readonly CallMessages.NodeCall _call;
    private readonly IActorRef _caller;
    private readonly Parcel _body;
    private ReadOnlyMemory<byte> _answer;

    public AnswerActor(CallMessages.NodeCall call, IActorRef caller, AnswerCall answerCall)
    {
        (_call, _caller, _answerCall) = (call, caller, answerCall);
        _body = new Parcel(call.BodyBytes);
        Context.SetReceiveTimeout(DeskActor.SilenceMax);
        Receive<CallMessages.Piece>(OnPiece);
        Receive<NodeAnswer>(OnAnswer);
        Receive<Status.Failure>(_ => OnAnswer(new NodeAnswer(Unanswerable, default)));
        Receive<CallMessages.PieceWanted>(OnWanted);
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
    }

    public static Props PropsFor(CallMessages.NodeCall call, IActorRef caller, AnswerCall answerCall) =>
        Props.Create(() => new AnswerActor(call, caller, answerCall));

    protected override void PreStart() => Continue();

    private void OnPiece(CallMessages.Piece piece)
    {
        if (_body.Take(piece))
        {
            Continue();
        }
    }

    private void Continue()
    {
        if (_body.IsWhole)
        {
            _answerCall(_call.Method, _call.Path, _body.Bytes).PipeTo(Self);
        }
        else
        {
            _caller.Tell(new CallMessages.PieceWanted(_body.Offset));
        }
    }

    private void OnAnswer(NodeAnswer answer)
    {
        _answer = answer.Body.Length <= CallMessages.AnswerBytesMax ? answer.Body : default;
        var status = answer.Body.Length <= CallMessages.AnswerBytesMax ? answer.Status : Unanswerable;
        _caller.Tell(new CallMessages.Answered(status, _answer.Length));
        if (_answer.IsEmpty)
        {
            Context.Stop(Self);
        }
    }

    private void OnWanted(CallMessages.PieceWanted wanted)
    {
        var piece = Parcel.Cut(_answer, wanted.Offset);
        _caller.Tell(piece);
        if (wanted.Offset + piece.Bytes.Length >= _answer.Length)
        {
            Context.Stop(Self);
        }
    }
}

using Akka.Actor;
using Relay.Messages.Intake;

namespace Relay.Actors.Intake;

/// <summary>Admits bodies to this node: holds a reservation for each mail that is being received.</summary>
public sealed class IntakeActor : ReceiveActor
{
    private readonly IntakeLedger _ledger;
    private readonly Func<IntakeRoom> _room;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public IntakeActor(IntakeLimits limits, Func<IntakeRoom> room)
    {
        _ledger = new IntakeLedger(limits);
        _room = room;
        Receive<IntakeMessages.ReserveSpace>(OnReserve);
        Receive<IntakeMessages.ReleaseSpace>(release => _ledger.Release(release.Bytes));
    }

    /// <summary>The actor's recipe.</summary>
    /// <param name="limits">The bounds of admission.</param>
    /// <param name="room">Reads the node's room; called for every mail, so it must be cheap and thread-safe.</param>
    public static Props PropsFor(IntakeLimits limits, Func<IntakeRoom> room) => Props.Create(() => new IntakeActor(limits, room));

    private void OnReserve(IntakeMessages.ReserveSpace request)
    {
        var refusal = _ledger.Reserve(request.DeclaredBytes, _room(), out var bytes);
        if (refusal is null)
        {
            Sender.Tell(new IntakeMessages.SpaceReserved(request.Number, bytes));
        }
        else
        {
            Sender.Tell(new IntakeMessages.SpaceRefused(request.Number, refusal, "intake"));
        }
    }
}

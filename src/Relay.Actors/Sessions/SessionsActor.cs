using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Messages.Sessions;

namespace Relay.Actors.Sessions;

/// <summary>Parent of sessions: makes one at the first MAIL of a connection. A node runs several, so that none has too many children.</summary>
public sealed class SessionsActor : ReceiveActor
{
    private readonly PolicyAgent _policy;
    private readonly IActorRef _intake;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public SessionsActor(PolicyAgent policy, IActorRef intake)
    {
        _policy = policy;
        _intake = intake;
        Receive<SessionMessages.MailRequested>(first =>
            Context.ActorOf(SessionActor.PropsFor(_policy, _intake)).Tell(first));
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(PolicyAgent policy, IActorRef intake) => Props.Create(() => new SessionsActor(policy, intake));

    /// <summary>A session that fails is not begun anew: its connection is told, and asks for another at its next MAIL.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
}

using Akka.Actor;
using Relay.Actors.Cluster;
using Relay.Messages.Accounts;

namespace Relay.Actors.Accounts;

/// <summary>Tells all other nodes once a second what was counted of users here and who is held, and learns it from them.</summary>
/// <remarks>All holds are told again every <see cref="AgainInterval"/>: a node that was away, or lost a message, holds whom the others hold.</remarks>
public sealed class AccountsActor : ReceiveActor, IWithTimers
{
    /// <summary>Between two tellings.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    /// <summary>Between two tellings of everything.</summary>
    public static readonly TimeSpan AgainInterval = TimeSpan.FromSeconds(10);

    /// <summary>Messages to each node at a time; what is left is told a second later.</summary>
    public const int MessagesMax = 20;

    private const string TellTimer = "tell";
    private const string AgainTimer = "again";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly AccountBreaker _breaker;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public AccountsActor(AccountBreaker breaker)
    {
        _breaker = breaker;
        Receive<AccountMessages.AccountsTold>(_breaker.Learn);
        Receive<Tell>(_ => OnTell());
        Receive<TellAgain>(_ => _breaker.TellAgain());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    /// <param name="breaker">What this node knows.</param>
    public static Props PropsFor(AccountBreaker breaker) => Props.Create(() => new AccountsActor(breaker));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(TellTimer, Tell.Instance, TellInterval);
        Timers.StartPeriodicTimer(AgainTimer, TellAgain.Instance, AgainInterval);
    }

    private void OnTell()
    {
        // Only nodes that relay mail have users.
        ActorSelection[] others =
        [
            .. ClusterRoles.OtherRelays(_cluster).Select(static member => Context.ActorSelection($"{member.Address}/user/{ActorNames.Accounts}")),
        ];
        for (var i = 0; i < MessagesMax && _breaker.TakeNews() is { } told; i++)
        {
            foreach (var other in others)
            {
                other.Tell(told);
            }
        }
    }

    private sealed record Tell
    {
        public static readonly Tell Instance = new();
    }

    private sealed record TellAgain
    {
        public static readonly TellAgain Instance = new();
    }
}

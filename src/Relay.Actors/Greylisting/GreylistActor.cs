using Akka.Actor;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Greylisting;
using Relay.Policy.Greylisting;

namespace Relay.Actors.Greylisting;

/// <summary>The memory of one shard: which strangers came, and which of them came again, for the whole cluster.</summary>
/// <remarks>It lives in the shards of the budgets of limits, one in each. When the shard moves it begins empty: who was known waits once more.</remarks>
public sealed class GreylistActor : ReceiveActor
{
    /// <summary>Its name in every shard; no key of a budget is like it.</summary>
    public const string EntityId = "greylist";

    private readonly GreylistTable _table = new(new GreylistLimits());

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public GreylistActor(BudgetClock clock) => Receive<GreylistMessages.TripletCame>(came =>
    {
        var rules = new GreylistRules { Delay = came.Delay, RetryWindow = came.RetryWindow, Remember = came.Remember };
        Sender.Tell(new GreylistMessages.TripletJudged(came.Number, _table.Look(clock.Read(), rules, came.Triplet)));
    });

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(BudgetClock clock) => Props.Create(() => new GreylistActor(clock));
}

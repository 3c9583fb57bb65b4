using Akka.Actor;

namespace Relay.Actors.Policy.Limits;

/// <summary>What the budgets of a node work with.</summary>
/// <param name="Live">Counts them.</param>
/// <param name="Beginnings">How the shards that live here began.</param>
/// <param name="Memory">Finds that out.</param>
/// <param name="Bounds">What they may cost.</param>
/// <param name="Clock">Their clock.</param>
public sealed record BudgetHost(LiveBudgets Live, ShardBeginnings Beginnings, IActorRef Memory, LimitBounds Bounds, BudgetClock Clock)
{
    /// <summary>The time now.</summary>
    public long Now => Clock.Now;
}

/// <summary>The clock of a node's budgets.</summary>
/// <param name="Time">What it is made of.</param>
public sealed record BudgetClock(TimeProvider Time)
{
    private readonly long _origin = Time.GetTimestamp();

    /// <summary>Ticks of 100 ns; it does not run backwards.</summary>
    public long Now => Time.GetElapsedTime(_origin).Ticks;
}

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
    public long Now => Clock.Read();
}

/// <summary>The clock of budgets and leases.</summary>
/// <param name="time">What it is made of.</param>
public sealed class BudgetClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    /// <summary>Ticks of 100 ns since it was made; it does not run backwards.</summary>
    public long Read() => time.GetElapsedTime(_origin).Ticks;
}

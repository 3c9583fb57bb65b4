using Relay.Policy.Limits;

namespace Relay.Policy.Penalties;

/// <summary><c>penalty</c>: when clients that keep being refused are cut off, and for how long. <c>relay.networks</c> are exempt.</summary>
public sealed record PenaltyRules
{
    /// <summary><c>penalty.refusals</c>: as many together, or on end faster than as many in <see cref="Per"/>, cut a client off; 0 switches the penalty off. Default 50.</summary>
    public int Refusals { get; init; } = 50;

    /// <summary><c>penalty.per</c>: the time in which as many are forgotten. Default 1 minute.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary><c>penalty.for</c>: how long a first penalty lasts. Default 1 minute.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True unless the penalty is switched off.</summary>
    public bool IsOn => Refusals > 0;

    /// <summary>What a client may be refused before it is cut off. Only while <see cref="IsOn"/>.</summary>
    internal LimitBudget Allowance => new(Refusals, Per < LimitBudget.PeriodMax ? Per : LimitBudget.PeriodMax, Refusals);
}

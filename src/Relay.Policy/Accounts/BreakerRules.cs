namespace Relay.Policy.Accounts;

/// <summary><c>breaker</c>: when the account of a user counts as leaked, and is held until an operator lets it go.</summary>
public sealed record BreakerRules
{
    /// <summary><c>breaker.failures</c>: so many recipients that failed or were refused in <see cref="Per"/> hold a user; 0: never. Default 100.</summary>
    public int Failures { get; init; } = 100;

    /// <summary><c>breaker.percent</c>: but only when they are this part of all that it named meanwhile. Default 25.</summary>
    public int Percent { get; init; } = 25;

    /// <summary><c>breaker.rise</c>: so many times the recipients of a usual <see cref="Per"/> hold a user; 0: never. Default 0.</summary>
    public int Rise { get; init; }

    /// <summary><c>breaker.per</c>: the time that is counted over. Default 1 hour.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromHours(1);

    /// <summary>True unless nobody is ever held.</summary>
    public bool IsOn => Failures > 0 || Rise > 0;
}

using Relay.Flood.Attacks;

namespace Relay.Flood.Scenarios;

/// <summary>One way to attack a cluster, and what is judged beside what is judged always.</summary>
public sealed record Scenario
{
    /// <summary>The word on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>One line for whoever chooses.</summary>
    public required string Description { get; init; }

    /// <summary>Attempts a second when nothing else is said.</summary>
    public double DefaultAttackRate { get; init; } = 1;

    /// <summary>Must the nodes' memory stay within <see cref="Report.Targets.MemoryGrowthMax"/>?</summary>
    public bool JudgesMemory { get; init; }

    /// <summary>Must the spool stay within the attackers' share?</summary>
    public bool JudgesSpool { get; init; }

    /// <summary>Does it count what was admitted at MAIL against the policy's limit?</summary>
    public bool JudgesAdmitted { get; init; } = true;

    /// <summary>Is a node killed, which only nodes of our own can be?</summary>
    public bool KillsNode { get; init; }

    /// <summary>Attackers, each a client of its own.</summary>
    public int Attackers { get; init; }

    internal Func<FloodSettings, double, IAttack> Build { get; init; } = static (_, _) => new NoAttack();
}

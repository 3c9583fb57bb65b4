namespace Relay.Flood.Report;

/// <summary>What a run of one scenario or more has shown.</summary>
/// <param name="Began">When the first one began.</param>
/// <param name="Machine">Processors and system.</param>
/// <param name="Setup">What was flooded and with what, for a reader.</param>
/// <param name="Scenarios">One each, in the order they were run.</param>
public sealed record FloodReport(DateTimeOffset Began, string Machine, string Setup, IReadOnlyList<ScenarioReport> Scenarios)
{
    /// <summary>Was every target met?</summary>
    public bool Passed => Scenarios.All(scenario => scenario.Passed);
}

/// <summary>What one scenario has shown.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is, in one line.</param>
/// <param name="Baseline">Legitimate mail without an attack.</param>
/// <param name="Flood">The same beside the attack.</param>
/// <param name="Recovery">The same after it.</param>
/// <param name="Refusals">What legitimate senders were refused with in all these, by code.</param>
/// <param name="WarmUpRefusals">What they were refused with before, which is not judged.</param>
/// <param name="Missing">Accepted legitimate messages that the sink did not get in time; null without a sink.</param>
/// <param name="RecoverySeconds">After the flood, until p99 was within its bound to the end; null: not within the run.</param>
/// <param name="Attack">The attackers' side.</param>
/// <param name="Nodes">What it cost the nodes; empty where they were not asked.</param>
/// <param name="Verdicts">The targets.</param>
/// <param name="Series">Second by second, for plots.</param>
public sealed record ScenarioReport(
    string Name,
    string Description,
    LoadFigures Baseline,
    LoadFigures Flood,
    LoadFigures Recovery,
    IReadOnlyDictionary<string, long> Refusals,
    IReadOnlyDictionary<string, long> WarmUpRefusals,
    long? Missing,
    double? RecoverySeconds,
    AttackFigures Attack,
    IReadOnlyList<NodeFigures> Nodes,
    IReadOnlyList<Verdict> Verdicts,
    ScenarioSeries Series)
{
    /// <summary>Targets that nothing was known of to judge them by, each with the reason.</summary>
    public IReadOnlyList<string> NotJudged { get; init; } = [];

    /// <summary>Was every target met that could be judged?</summary>
    public bool Passed => Verdicts.All(verdict => verdict.Passed);

    /// <summary>Legitimate messages that were refused, in all phases that are judged.</summary>
    internal long Refused => Baseline.Refused + Flood.Refused + Recovery.Refused;

    /// <summary>Legitimate messages that were not answered, in all phases that are judged.</summary>
    internal long Failed => Baseline.Failed + Flood.Failed + Recovery.Failed;
}

/// <summary>Legitimate mail of one phase. Times are milliseconds from when a message was due.</summary>
/// <param name="Offered">Messages that were due.</param>
/// <param name="Accepted">Answered with 250.</param>
/// <param name="Refused">Answered with 4xx or 5xx.</param>
/// <param name="Failed">Not answered.</param>
/// <param name="P50">Of acceptance.</param>
/// <param name="P99">Of acceptance.</param>
/// <param name="P999">Of acceptance.</param>
/// <param name="DeliveredP50">Of arrival at the sink; null without one.</param>
/// <param name="DeliveredP99">Of arrival at the sink; null without one.</param>
public sealed record LoadFigures(
    long Offered, long Accepted, long Refused, long Failed, double? P50, double? P99, double? P999, double? DeliveredP50, double? DeliveredP99)
{
    /// <summary>Accepted of those that were due, 0 to 1.</summary>
    public double Goodput => Offered == 0 ? 1 : (double)Accepted / Offered;
}

/// <summary>What the attackers did and got.</summary>
/// <param name="Clients">How many they are.</param>
/// <param name="Seen">How many of them came in the time.</param>
/// <param name="Due">Attempts that were due.</param>
/// <param name="Made">Of them those that were made.</param>
/// <param name="PerSecond">Attempts made a second.</param>
/// <param name="Connections">Connections opened.</param>
/// <param name="Broken">Conversations that ended without a reply.</param>
/// <param name="Landed">Attempts that got as far as the attack aims: a message taken, a guess judged, a connection welcomed.</param>
/// <param name="Admitted">Messages admitted at MAIL.</param>
/// <param name="AdmittedOfOne">The same of the attacker that got the most.</param>
/// <param name="BoundOfOne">What one may have been admitted at most: rate × time + burst; null when the limit is not known.</param>
/// <param name="Replies">What they were told, by code.</param>
public sealed record AttackFigures(
    int Clients,
    int Seen,
    long Due,
    long Made,
    double PerSecond,
    long Connections,
    long Broken,
    long Landed,
    long Admitted,
    long AdmittedOfOne,
    double? BoundOfOne,
    IReadOnlyDictionary<string, long> Replies);

/// <summary>What the run cost one node.</summary>
/// <param name="Name">The node.</param>
/// <param name="BaselineCpu">Cores in use in the baseline; null where it is not known.</param>
/// <param name="FloodCpu">The same in the flood.</param>
/// <param name="BaselineMemory">Most octets resident until the flood.</param>
/// <param name="FloodMemory">The same in the flood.</param>
/// <param name="BaselineSpool">Most octets of the spool's files until the flood.</param>
/// <param name="FloodSpool">The same in the flood and after it.</param>
/// <param name="BaselineMail">Most octets in them that mail takes, until the flood.</param>
/// <param name="FloodMail">The same in the flood and after it.</param>
/// <param name="Log">Octets that the log grew by in the flood; null where it is not known.</param>
public sealed record NodeFigures(
    string Name,
    double? BaselineCpu,
    double? FloodCpu,
    long? BaselineMemory,
    long? FloodMemory,
    long? BaselineSpool,
    long? FloodSpool,
    long? BaselineMail,
    long? FloodMail,
    long? Log);

/// <summary>One target.</summary>
/// <param name="Name">What is judged.</param>
/// <param name="Measured">The figure, with its unit.</param>
/// <param name="Target">What it must be.</param>
/// <param name="Passed">Is it?</param>
public sealed record Verdict(string Name, string Measured, string Target, bool Passed);

/// <summary>Second by second; all lists but those of nodes have the same length.</summary>
/// <param name="FloodStart">The second in which the attack begins.</param>
/// <param name="FloodEnd">The first second after it.</param>
/// <param name="Accepted">Legitimate messages accepted, of those due in it.</param>
/// <param name="Offered">Legitimate messages that were due.</param>
/// <param name="P50">Milliseconds; null where nothing was accepted.</param>
/// <param name="P99">Milliseconds; null where nothing was accepted.</param>
/// <param name="Nodes">What each node said, as often as it was asked.</param>
public sealed record ScenarioSeries(
    int FloodStart,
    int FloodEnd,
    IReadOnlyList<long> Accepted,
    IReadOnlyList<long> Offered,
    IReadOnlyList<double?> P50,
    IReadOnlyList<double?> P99,
    IReadOnlyList<NodeSeries> Nodes);

/// <summary>One node over time.</summary>
/// <param name="Name">The node.</param>
/// <param name="Seconds">When it was asked, since the run began.</param>
/// <param name="Cpu">Cores in use since it was asked last.</param>
/// <param name="Memory">Octets resident.</param>
/// <param name="Spool">Octets of the spool's files.</param>
public sealed record NodeSeries(
    string Name, IReadOnlyList<double> Seconds, IReadOnlyList<double?> Cpu, IReadOnlyList<double?> Memory, IReadOnlyList<double?> Spool);

using System.Globalization;
using Relay.Flood.Load;
using Relay.Flood.Scenarios;

namespace Relay.Flood.Report;

/// <summary>What Relay promises to those who do nothing wrong, as figures. Pure.</summary>
public static class Targets
{
    /// <summary>Legitimate messages accepted of those that were due, without a flood and beside one.</summary>
    public const double GoodputMin = 0.98;

    /// <summary>p99 beside a flood, in times of that without; or <see cref="P99MoreMax"/> more, whichever is larger.</summary>
    public const double P99TimesMax = 1.5;

    /// <summary>Milliseconds.</summary>
    public const double P99MoreMax = 10;

    /// <summary>Memory beside a flood, in times of that without.</summary>
    public const double MemoryGrowthMax = 1.15;

    /// <summary>p99 after the flood, in times of that before it.</summary>
    public const double RecoveredTimes = 1.2;

    /// <summary>Seconds until then.</summary>
    public const double RecoverySecondsMax = 5;

    /// <summary>The spool's files in times of the mail in them: a segment is put together with others when less than two fifths of it are left, sooner when room is scarce.</summary>
    public const double FilesMax = 2.5;

    private const string Silent = "the node did not say";

    private const double Mebibyte = 1 << 20;

    /// <summary>The most that p99 may be beside a flood, in milliseconds.</summary>
    public static double P99Max(double baseline) => Math.Max(baseline * P99TimesMax, baseline + P99MoreMax);

    /// <summary>What one key may have been admitted at most in a time.</summary>
    /// <param name="perSecond">The limit's rate.</param>
    /// <param name="burst">Its burst.</param>
    /// <param name="time">The time.</param>
    public static double BoundOf(double perSecond, double burst, TimeSpan time) => Math.Floor((perSecond * time.TotalSeconds) + burst);

    /// <summary>
    /// The seconds after a flood from which on p99 of all that was due until the end is within <see cref="RecoveredTimes"/>; null when it never is.
    /// </summary>
    internal static double? SecondsToRecover(double baselineP99, IReadOnlyList<LoadSecond> after)
    {
        for (var from = 0; from < after.Count; from++)
        {
            if (Latencies.Merge(after.Skip(from).Select(second => second.ToAccepted)).At(99) is not { } p99
                || after.Skip(from).Any(second => second.Refused > 0 || second.Failed > 0))
            {
                continue;
            }

            if (p99.TotalMilliseconds <= baselineP99 * RecoveredTimes)
            {
                return from;
            }
        }

        return null;
    }

    /// <summary>Holds a run against all targets that concern it.</summary>
    /// <param name="scenario">What was run.</param>
    /// <param name="report">What it has shown; its verdicts are not looked at.</param>
    /// <param name="spoolShareBytes">What one sender may fill of a node's spool; null when it is not known.</param>
    public static IReadOnlyList<Verdict> Judge(Scenario scenario, ScenarioReport report, long? spoolShareBytes)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(report);
        var verdicts = new List<Verdict> { Goodput(report), Latency(report), Refused(report) };
        if (scenario.Attackers > 0)
        {
            verdicts.Add(Attacked(report.Attack));
        }

        if (report.Missing is { } missing)
        {
            verdicts.Add(new Verdict("delivered", Text($"{missing} accepted messages missing"), "0", missing == 0));
        }

        if (scenario.JudgesAdmitted && report.Attack is { BoundOfOne: { } bound, Clients: > 0 } attack)
        {
            verdicts.Add(new Verdict("admitted", Text($"{attack.AdmittedOfOne} of one attacker"), Text($"at most {bound:0}"), attack.AdmittedOfOne <= bound));
        }

        if (scenario.JudgesMemory)
        {
            verdicts.AddRange(report.Nodes.Select(Memory));
        }

        if (scenario.JudgesSpool && spoolShareBytes is { } share)
        {
            verdicts.AddRange(report.Nodes.SelectMany(node => Filled(node, share * scenario.Attackers)));
        }

        verdicts.Add(Recovery(report));
        return verdicts;
    }

    /// <summary>The targets of a scenario that nothing is known of to judge them by, each with the reason; empty when all were judged.</summary>
    /// <inheritdoc cref="Judge"/>
    public static IReadOnlyList<string> NotJudged(Scenario scenario, ScenarioReport report, long? spoolShareBytes)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(report);
        List<string> reasons = [];
        AddIf(report.Missing is null, "delivered: there is no --sink");
        AddIf(scenario is { JudgesAdmitted: true, Attackers: > 0 } && report.Attack.BoundOfOne is null, "admitted: no --limit is given");
        AddIf(scenario.JudgesMemory && report.Nodes.Count == 0, "memory: no --api is given");
        AddIf(scenario.JudgesSpool && report.Nodes.Count == 0, "spool: no --api is given");
        AddIf(scenario.JudgesSpool && spoolShareBytes is null, "spool: no --spool-share is given");
        AddIf(scenario.JudgesSpool && report.Nodes.All(static node => node.Log is null), "log: only nodes of its own show theirs");
        return reasons;

        void AddIf(bool isSo, string reason)
        {
            if (isSo)
            {
                reasons.Add(reason);
            }
        }
    }

    // Not against the baseline: a relay that loses most mail in both would pass.
    private static Verdict Goodput(ScenarioReport report)
    {
        var (flood, baseline) = (report.Flood.Goodput, report.Baseline.Goodput);
        return new Verdict(
            "goodput",
            Text($"{flood * 100:0.0} % of what was due, baseline {baseline * 100:0.0} %"),
            Text($"at least {GoodputMin * 100:0} % in both"),
            Math.Min(flood, baseline) >= GoodputMin);
    }

    private static Verdict Latency(ScenarioReport report)
    {
        if (report is not { Baseline.P99: { } baseline, Flood.P99: { } flood })
        {
            return new Verdict("p99", "nothing accepted", "some mail is", Passed: false);
        }

        var most = P99Max(baseline);
        return new Verdict("p99", Text($"{flood:0.0} ms, baseline {baseline:0.0} ms"), Text($"at most {most:0.0} ms"), flood <= most);
    }

    private static Verdict Refused(ScenarioReport report) => new(
        "refused",
        Text($"{report.Refused} legitimate messages, {report.Failed} failed"),
        "none is refused or failed",
        report is { Refused: 0, Failed: 0 });

    // Who attacks in vain, because nobody listens or the attack is not understood, has shown nothing.
    private static Verdict Attacked(AttackFigures attack) =>
        new("attack", Text($"{attack.Landed} attempts got through to what they aim at"), "at least one, or nothing was shown", attack.Landed > 0);

    private static Verdict Memory(NodeFigures node)
    {
        var ratio = node.BaselineMemory > 0 ? (double?)node.FloodMemory / node.BaselineMemory : null;
        return new Verdict(
            $"memory of {node.Name}",
            ratio is null ? Silent : Text($"{(ratio - 1) * 100:+0;-0;0} % to {node.FloodMemory / Mebibyte:0} MiB"),
            Text($"at most +{(MemoryGrowthMax - 1) * 100:0} %"),
            ratio <= MemoryGrowthMax);
    }

    private static IEnumerable<Verdict> Filled(NodeFigures node, long share)
    {
        yield return Filled("mail", node.FloodMail - node.BaselineMail, share, "the attackers' share");
        yield return Filled("spool", node.FloodSpool - node.BaselineSpool, (long)(share * FilesMax), "the files for that share");
        if (node.Log is { } log)
        {
            yield return Filled("log", log, share, "the attackers' share");
        }

        Verdict Filled(string what, long? growth, long most, string why) => new(
            $"{what} of {node.Name}",
            growth is null ? Silent : Text($"+{growth / Mebibyte:0} MiB"),
            Text($"at most +{most / Mebibyte:0} MiB, {why}"),
            growth <= most);
    }

    private static Verdict Recovery(ScenarioReport report) => new(
        "recovery",
        report.RecoverySeconds is { } seconds ? Text($"{seconds:0} s") : "not within the run",
        Text($"p99 within {RecoveredTimes} times baseline in {RecoverySecondsMax:0} s"),
        report.RecoverySeconds <= RecoverySecondsMax);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

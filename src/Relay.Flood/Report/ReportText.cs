using System.Globalization;
using System.Text;

namespace Relay.Flood.Report;

/// <summary>A report for a terminal: plain lines, in which nothing of the network appears but codes.</summary>
public static class ReportText
{
    private const double Mebibyte = 1 << 20;

    /// <summary>The report, with its last line end.</summary>
    public static string Of(FloodReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        Line(text, $"{report.Setup}");
        Line(text, $"{report.Machine}; {report.Began.UtcDateTime:u}");
        foreach (var scenario in report.Scenarios)
        {
            Add(text, scenario);
        }

        Line(text, $"");
        foreach (var scenario in report.Scenarios)
        {
            var missed = string.Join(", ", scenario.Verdicts.Where(verdict => !verdict.Passed).Select(verdict => verdict.Name));
            Line(text, $"{(scenario.Passed ? "pass" : "FAIL")}  {scenario.Name}{(missed.Length > 0 ? ": " : "")}{missed}");
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, ScenarioReport scenario)
    {
        Line(text, $"");
        Line(text, $"{scenario.Name}: {scenario.Description}");
        Line(text, $"  {"legitimate",-12}{"due",8}{"accepted",10}{"refused",9}{"failed",8}{"p50 ms",9}{"p99 ms",9}{"p99.9 ms",10}{"delivered p50",15}{"p99 ms",9}");
        Phase(text, "baseline", scenario.Baseline);
        Phase(text, "flood", scenario.Flood);
        Phase(text, "recovery", scenario.Recovery);
        if (scenario.Refusals.Count > 0)
        {
            Line(text, $"  refused with: {Codes(scenario.Refusals)}");
        }

        if (scenario.WarmUpRefusals.Count > 0)
        {
            Line(text, $"  in the warm-up, which is not judged, refused with: {Codes(scenario.WarmUpRefusals)}");
        }

        var attack = scenario.Attack;
        if (attack.Due > 0)
        {
            Line(text, $"  attackers: {attack.Seen} of {attack.Clients}; {attack.Made} of {attack.Due} attempts made, {attack.PerSecond:0.#}/s; {attack.Connections} connections, {attack.Broken} broken; {attack.Landed} got through; {attack.Admitted} times MAIL admitted, {attack.AdmittedOfOne} of one{(attack.BoundOfOne is { } bound ? FormattableString.Invariant($" (bound {bound:0})") : "")}");
            Line(text, $"  they were told: {Codes(attack.Replies)}");
        }

        foreach (var node in scenario.Nodes)
        {
            Line(text, $"  {node.Name}: CPU {Number(node.BaselineCpu)} then {Number(node.FloodCpu)} cores; memory {Size(node.BaselineMemory)} then {Size(node.FloodMemory)}; spool {Size(node.BaselineSpool)} then {Size(node.FloodSpool)}, mail in it {Size(node.BaselineMail)} then {Size(node.FloodMail)}; log {Size(node.Log)} more");
        }

        foreach (var verdict in scenario.Verdicts)
        {
            Line(text, $"  {(verdict.Passed ? "pass" : "FAIL")}  {verdict.Name}: {verdict.Measured} ({verdict.Target})");
        }

        foreach (var reason in scenario.NotJudged)
        {
            Line(text, $"  not judged  {reason}");
        }
    }

    private static void Phase(StringBuilder text, string name, LoadFigures load) => Line(
        text,
        $"  {name,-12}{load.Offered,8}{load.Accepted,10}{load.Refused,9}{load.Failed,8}{Number(load.P50),9}{Number(load.P99),9}{Number(load.P999),10}{Number(load.DeliveredP50),15}{Number(load.DeliveredP99),9}");

    /// <summary>What was said how often.</summary>
    internal static string Codes(IReadOnlyDictionary<string, long> counts) =>
        counts.Count == 0 ? "nothing" : string.Join(", ", counts.Select(pair => FormattableString.Invariant($"{pair.Key} × {pair.Value}")));

    private static string Number(double? value) => value?.ToString("0.0#", CultureInfo.InvariantCulture) ?? "-";

    private static string Size(long? octets) => octets is { } known ? FormattableString.Invariant($"{known / Mebibyte:0.0} MiB") : "-";

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
}

using System.Globalization;
using System.Net;
using System.Text;

namespace Relay.Flood.Report;

/// <summary>A report as one HTML file that needs nothing else.</summary>
public static class ReportPage
{
    private const double Mebibyte = 1 << 20;

    private const string Head =
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>relay flood</title><style>
        body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1200px; padding: 0 1rem; color: #222; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .2rem; }
        table { border-collapse: collapse; margin: .6rem 1.2rem .6rem 0; }
        th, td { padding: .15rem .7rem .15rem 0; text-align: right; font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child, .words td { text-align: left; } th { font-weight: 600; border-bottom: 1px solid #ccc; }
        .pass { color: #23794a; font-weight: 600; } .fail { color: #b3202c; font-weight: 600; }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: .8rem; }
        svg { width: 100%; background: #fafafa; border: 1px solid #e5e5e5; } .grid { stroke: #e3e3e3; } .flood { fill: #fdebd0; }
        .title { font: 600 12px system-ui, sans-serif; } .tick { font: 11px system-ui, sans-serif; } .note { color: #666; }
        </style></head><body>

        """;

    /// <summary>The page.</summary>
    public static string Of(FloodReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new StringBuilder(Head);
        Add(page, $"<h1>relay flood: {Word(report.Passed)}</h1>");
        Add(page, $"<p class=\"note\">{Encode(report.Setup)}<br>{Encode(report.Machine)}; {report.Began.UtcDateTime:u}. The flood's time is shaded. Latency counts from when a message was due. Refused and failed are legitimate messages of baseline, flood and recovery together.</p>");
        Add(page, $"<table><tr><th>scenario<th>goodput baseline<th>flood<th>p99 baseline<th>flood<th>refused<th>failed<th>attack/s<th>recovered<th></tr>");
        foreach (var scenario in report.Scenarios)
        {
            Add(page, $"<tr><td><a href=\"#{scenario.Name}\">{scenario.Name}</a><td>{scenario.Baseline.Goodput * 100:0.0} %<td>{scenario.Flood.Goodput * 100:0.0} %<td>{scenario.Baseline.P99:0.0} ms<td>{scenario.Flood.P99:0.0} ms<td>{scenario.Refused}<td>{scenario.Failed}<td>{scenario.Attack.PerSecond:0.#}<td>{Seconds(scenario)}<td>{Word(scenario.Passed)}</tr>");
        }

        Add(page, $"</table>");
        foreach (var scenario in report.Scenarios)
        {
            AddScenario(page, scenario);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void AddScenario(StringBuilder page, ScenarioReport scenario)
    {
        Add(page, $"<h2 id=\"{scenario.Name}\">{scenario.Name}: {Word(scenario.Passed)}</h2><p class=\"note\">{Encode(scenario.Description)}</p>");
        Add(page, $"<table class=\"words\"><tr><th>target<th>measured<th>must be<th></tr>");
        foreach (var verdict in scenario.Verdicts)
        {
            Add(page, $"<tr><td>{Encode(verdict.Name)}<td>{Encode(verdict.Measured)}<td>{Encode(verdict.Target)}<td>{Word(verdict.Passed)}</tr>");
        }

        foreach (var reason in scenario.NotJudged)
        {
            Add(page, $"<tr><td colspan=\"3\">{Encode(reason)}<td>not judged</tr>");
        }

        Add(page, $"</table><table><tr><th>legitimate<th>due<th>accepted<th>refused<th>failed<th>p50<th>p99<th>p99.9 ms<th>delivered p50<th>p99 ms</tr>");
        foreach (var (name, load) in new[] { ("baseline", scenario.Baseline), ("flood", scenario.Flood), ("recovery", scenario.Recovery) })
        {
            Add(page, $"<tr><td>{name}<td>{load.Offered}<td>{load.Accepted}<td>{load.Refused}<td>{load.Failed}<td>{load.P50}<td>{load.P99}<td>{load.P999}<td>{load.DeliveredP50}<td>{load.DeliveredP99}</tr>");
        }

        var attack = scenario.Attack;
        Add(page, $"</table><p>Attackers: {attack.Seen} of {attack.Clients}; {attack.Made} of {attack.Due} attempts made, {attack.Connections} connections, {attack.Broken} broken; {attack.Landed} got through; {attack.Admitted} times MAIL admitted. They were told: {Encode(ReportText.Codes(attack.Replies))}.</p>");
        Add(page, $"<div class=\"plots\">{string.Concat(Plots(scenario.Series))}</div>");
    }

    private static IEnumerable<string> Plots(ScenarioSeries series)
    {
        var end = series.Offered.Count;
        string Draw(string title, IReadOnlyList<PlotLine> lines) => SvgPlot.Draw(title, lines, series.FloodStart, series.FloodEnd, end);
        yield return Draw("legitimate latency, ms", [new PlotLine("p50", BySecond(series.P50)), new PlotLine("p99", BySecond(series.P99))]);
        yield return Draw(
            "legitimate messages a second",
            [
                new PlotLine("due", BySecond([.. series.Offered.Select(count => (double?)count)])),
                new PlotLine("accepted", BySecond([.. series.Accepted.Select(count => (double?)count)])),
            ]);
        if (series.Nodes.Count > 0)
        {
            yield return Draw("CPU, cores", OfNodes(series, node => node.Cpu, 1));
            yield return Draw("memory, MiB", OfNodes(series, node => node.Memory, Mebibyte));
            yield return Draw("spool, MiB", OfNodes(series, node => node.Spool, Mebibyte));
        }
    }

    private static PlotLine[] OfNodes(ScenarioSeries series, Func<NodeSeries, IReadOnlyList<double?>> figure, double unit) =>
    [
        .. series.Nodes.Select(node => new PlotLine(
            node.Name,
            [.. node.Seconds.Zip(figure(node), (second, value) => (second, value / unit)).Where(point => point.second <= series.Offered.Count)])),
    ];

    private static (double X, double? Y)[] BySecond(IReadOnlyList<double?> values) => [.. values.Select((value, i) => (i + 0.5, value))];

    private static string Seconds(ScenarioReport scenario) =>
        scenario.RecoverySeconds is { } seconds ? FormattableString.Invariant($"{seconds:0} s") : "no";

    private static string Word(bool passed) => passed ? "<span class=\"pass\">pass</span>" : "<span class=\"fail\">FAIL</span>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static void Add(StringBuilder page, FormattableString text) => page.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

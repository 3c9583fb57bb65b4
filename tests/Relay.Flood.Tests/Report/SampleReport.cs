using Relay.Flood.Report;

namespace Relay.Flood.Tests.Report;

/// <summary>A report of a run in which all went well.</summary>
internal static class SampleReport
{
    public static ScenarioReport Of(string name) => new(
        name,
        "an <attack> & its description",
        new LoadFigures(1000, 1000, 0, 0, 2.1, 5, 9, 4, 9),
        new LoadFigures(1000, 1000, 0, 0, 2.2, 6, 9, 4, 9),
        new LoadFigures(500, 500, 0, 0, 2.1, 5, 9, 4, 9),
        new Dictionary<string, long>(),
        new Dictionary<string, long>(),
        Missing: 0,
        RecoverySeconds: 1,
        new AttackFigures(2, 2, 10_000, 9000, 450, 30, 4, 140, 150, 90, 90, new Dictionary<string, long> { ["250"] = 150, ["450 4.7.1"] = 8850 }),
        [new NodeFigures("node-1", 0.2, 0.4, 100 << 20, 110 << 20, 64 << 20, 64 << 20, 1 << 20, 2 << 20, 5000)],
        [new Verdict("goodput", "100.0 % of baseline", "at least 98 %", Passed: true)],
        new ScenarioSeries(
            2, 4, [10, 10, 9, 10, 10], [10, 10, 10, 10, 10], [2, 2, 2.2, null, 2], [5, 5, 6, null, 5],
            [new NodeSeries("node-1", [0, 1, 2, 3, 4], [null, 0.2, 0.4, 0.4, 0.2], [1e8, 1e8, null, 1.1e8, 1e8], [6.4e7, 6.4e7, 6.4e7, 6.4e7, 6.4e7])]));

    public static FloodReport Whole(params ScenarioReport[] scenarios) =>
        new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), "2 processors", "3 nodes", scenarios);
}

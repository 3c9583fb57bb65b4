using System.Globalization;
using Relay.Flood.Scenarios;
using Spectre.Console;

namespace Relay.Node.CommandLine.Flood;

/// <summary>Shows how far a flood is, to whoever sits at a terminal.</summary>
internal static class FloodDisplay
{
    /// <summary>Runs something and shows its progress while it runs.</summary>
    /// <param name="console">The terminal; null when nobody looks.</param>
    /// <param name="run">What to run.</param>
    public static async Task RunAsync(IAnsiConsole? console, Func<IProgress<FloodProgress>?, Task> run)
    {
        if (console is null)
        {
            await run(null);
            return;
        }

        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new RemainingTimeColumn())
            .StartAsync(context => run(new Bars(context)));
    }

    private static string Describe(FloodProgress progress)
    {
        var p99 = progress.P99 is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $", p99 {milliseconds:0.0} ms") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{progress.Scenario}: {progress.Phase}, {progress.Accepted} accepted{p99}");
    }

    /// <summary>One bar for each scenario.</summary>
    private sealed class Bars(ProgressContext context) : IProgress<FloodProgress>
    {
        private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);

        public void Report(FloodProgress value)
        {
            if (!_tasks.TryGetValue(value.Scenario, out var task))
            {
                _tasks.Add(value.Scenario, task = context.AddTask(value.Scenario, maxValue: 1));
            }

            task.Description = Markup.Escape(Describe(value));
            task.Value = value.Fraction;
        }
    }
}

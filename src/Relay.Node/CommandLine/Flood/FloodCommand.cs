using System.CommandLine;
using Relay.Flood.Nodes;
using Relay.Flood.Report;
using Relay.Flood.Scenarios;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.CommandLine.Flood;

/// <summary><c>relay flood</c>: attacks a cluster, and reports what legitimate senders felt of it.</summary>
internal sealed class FloodCommand
{
    private readonly CommandContext _context;
    private readonly FloodOptions _options = new();

    private readonly Argument<IReadOnlyList<Scenario>> _scenario = new("SCENARIO")
    {
        Description = $"What to do, each beside the same legitimate mail: {ScenarioList.AllName}, or one of\n"
            + string.Join('\n', ScenarioList.All.Select(scenario => $"{scenario.Name}: {scenario.Description}")),
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = Parsing.Of<IReadOnlyList<Scenario>>(ParseScenario),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the report as a JSON document." };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Write the report with plots to this file, one page that needs nothing else.",
        HelpName = "FILE",
    };

    private FloodCommand(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var flood = new FloodCommand(context);
        var command = new Command(
            "flood",
            "Attacks a cluster and reports what legitimate senders felt of it, pass or fail. Without --target it starts nodes of its own. Ends with 1 when a target is missed.")
        {
            flood._scenario, flood._json, flood._html,
        };
        flood._options.AddTo(command);
        command.SetAction(flood.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        _context.HoldSignals();
        try
        {
            return await FloodAsync(arguments, cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            await TellInterruptedAsync();
            return ExitCodes.Interrupted;
        }
    }

    private async Task TellInterruptedAsync()
    {
        try
        {
            await _context.Error.WriteLineAsync("relay: interrupted: only scenarios that had ended are reported");
        }
        catch (IOException)
        {
            // The terminal was closed, which is what interrupted it.
        }
    }

    private async Task<int> FloodAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var scenarios = arguments.GetRequiredValue(_scenario);
        var settings = await _options.ReadAsync(arguments, _context, cancellationToken);
        if (settings.Targets.Count > 0 && scenarios.FirstOrDefault(scenario => scenario.KillsNode) is { } killer)
        {
            if (scenarios.Count == 1)
            {
                throw new CommandException($"{killer.Name} kills a node, which it does only to nodes of its own: leave --target out", ExitCodes.Usage);
            }

            await _context.Error.WriteLineAsync($"relay: {killer.Name} is left out: it kills only nodes of its own");
            scenarios = [.. scenarios.Where(scenario => !scenario.KillsNode)];
        }

        if (settings.Nodes < 2 && settings.Targets.Count == 0 && scenarios.Any(scenario => scenario.KillsNode))
        {
            throw new CommandException("a node is killed: --nodes must be 2 or more", ExitCodes.Usage);
        }

        await using var page = arguments.GetValue(_html) is { } file ? PageFile.Open(Path.GetFullPath(file, _context.WorkingDirectory)) : null;
        var setup = new FloodSetup(settings, ThisProgram(), TimeProvider.System);
        try
        {
            await FloodDisplay.RunAsync(_context.Progress, progress => setup.RunAsync(scenarios, progress, cancellationToken));
        }
        finally
        {
            // What ended before something went wrong took its time, and counts.
            if (setup.Report.Scenarios.Count > 0)
            {
                await TellAsync(setup.Report, arguments.GetValue(_json), page);
            }
        }

        return setup.Report.Passed ? ExitCodes.Done : ExitCodes.Failed;
    }

    private async Task TellAsync(FloodReport report, bool asJson, PageFile? page)
    {
        await _context.Output.WriteAsync(asJson ? JsonText.OfDocument(report) + "\n" : ReportText.Of(report));
        if (page is not null)
        {
            await page.WriteAsync(ReportPage.Of(report));
        }
    }

    /// <summary>How this very program was started: by itself, or as an assembly by <c>dotnet</c>.</summary>
    private static RelayProgram ThisProgram()
    {
        var assembly = typeof(FloodCommand).Assembly.Location;
        var own = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        return File.Exists(own) ? new RelayProgram(own, []) : new RelayProgram("dotnet", [assembly]);
    }

    private static string? ParseScenario(string text, out IReadOnlyList<Scenario> value)
    {
        value = ScenarioList.Find(text) ?? [];
        if (value.Count > 0)
        {
            return null;
        }

        var names = ScenarioList.All.Select(scenario => scenario.Name).Append(ScenarioList.AllName).ToList();
        var nearest = NearestKey.Find(text, names) is { } near ? $"did you mean {near}? " : "";
        return $"{ShownText.Quote(text)} is no scenario: {nearest}There are {string.Join(", ", names)}";
    }
}

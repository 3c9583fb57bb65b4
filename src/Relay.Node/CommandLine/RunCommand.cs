using System.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay run</c>, and <c>relay</c> alone: starts a node.</summary>
internal sealed class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

    // For whoever starts a node as a part of something else, and may be killed: nobody is left to stop it then.
    private readonly Option<bool> _untilInputEnds = new("--until-input-ends") { Description = "Stop when standard input ends, too.", Hidden = true };
    private readonly Option<string?> _config;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _settings;
    private readonly CommandContext _context;

    public RunCommand(Option<string?> config, IReadOnlyList<KeyValuePair<string, string>> settings, CommandContext context)
    {
        _config = config;
        _settings = settings;
        _context = context;
    }

    public Command Build()
    {
        var command = new Command(Name, "Starts a node and runs until it is told to stop; then it drains (Node:DrainTime) and ends.");
        AddTo(command);
        return command;
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_untilInputEnds);
        command.SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var sources = new SettingsSources
        {
            ConfigFile = arguments.GetValue(_config),
            WorkingDirectory = _context.WorkingDirectory,
            Variables = _context.Variables,
            Overrides = _settings,
        };
        var settings = await SettingsLoader.LoadAsync(sources, cancellationToken);
        return arguments.GetValue(_untilInputEnds)
            ? await RunUntilInputEndsAsync(settings, cancellationToken)
            : await _context.RunNode(settings, cancellationToken);
    }

    private async Task<int> RunUntilInputEndsAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = Task.Factory.StartNew(ReadInput, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var node = _context.RunNode(settings, stopping.Token);

        // An input that cannot be read has ended as well.
        if (await Task.WhenAny(node, input) == input)
        {
            await stopping.CancelAsync();
        }

        return await node;
    }

    private void ReadInput()
    {
        using var input = _context.OpenInput();
        var buffer = new byte[256];
        while (input.Read(buffer) > 0)
        {
            // What it says does not matter.
        }
    }
}

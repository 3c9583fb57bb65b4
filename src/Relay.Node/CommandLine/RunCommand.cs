using System.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay run</c>, and <c>relay</c> alone: starts a node.</summary>
internal sealed class RunCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "run";

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
        return await _context.RunNode(settings, cancellationToken);
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Relay.Node.CommandLine.Flood;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.CommandLine;

/// <summary>The commands of the program <c>relay</c>.</summary>
public static class RelayCommandLine
{
    private const string ProgramName = "relay";

    private const string Description =
        $"""
        A controlled SMTP relay. Without a command it starts a node.

        Every setting of a node can also be given as --Section:Key=value, such as --Admin:Address=127.0.0.1:8025. That wins
        over {SettingsSources.EnvironmentPrefix}Section__Key in the environment, which wins over the settings file.
        """;

    // An argument may begin with @, as a response file would.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Parses the arguments and runs the command they name.</summary>
    /// <param name="arguments">The process's arguments.</param>
    /// <param name="context">What the command may use.</param>
    /// <param name="cancellationToken">Cancelled when the process is told to stop.</param>
    /// <returns>One of <see cref="ExitCodes"/>, or what the node or the sink ended with.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var (settings, others) = SettingArguments.Split(arguments);
            var parsed = BuildRoot(context, settings).Parse(others, Parser);
            if (parsed.Action is ParseErrorAction)
            {
                return await RefuseAsync(context, [.. parsed.Errors.Select(error => error.Message)], parsed);
            }

            // The process owner handles signals: a node may drain longer than the two seconds that the parser would give it.
            var invocation = new InvocationConfiguration
            {
                Output = context.Output,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return FindMisplaced(parsed, settings) is { } misplaced
                ? await RefuseAsync(context, [misplaced], parsed)
                : await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (CommandException failed)
        {
            await context.Error.WriteLineAsync($"{ProgramName}: {failed.Message}");
            return failed.ExitCode;
        }
        catch (SettingsException refused)
        {
            await context.Error.WriteLineAsync(refused.Message);
            return refused.Errors.All(error => error.Source == SettingsError.CommandLineSource) ? ExitCodes.Usage : ExitCodes.Failed;
        }
        catch (Exception foreseen) when (foreseen is IOException or UnauthorizedAccessException or SocketException)
        {
            await context.Error.WriteLineAsync($"{ProgramName}: {ShownText.Clean(foreseen.Message)}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Failed;
        }
    }

    private static RootCommand BuildRoot(CommandContext context, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        var config = new Option<string?>("--config")
        {
            Description = $"The settings file. [default: ./{SettingsSources.DefaultFileName} if it is there]",
            HelpName = "FILE",
        };
        var run = new RunCommand(config, settings, context);
        var root = new RootCommand(Description) { HelpName = ProgramName };
        run.AddTo(root);
        root.Subcommands.Add(run.Build());
        root.Subcommands.Add(QueueCommands.Build(new ServerOptions(config), context));
        root.Subcommands.Add(DestinationCommands.Build(new ServerOptions(config), context));
        root.Subcommands.Add(PolicyCommands.Build(new ServerOptions(config), context));
        root.Subcommands.Add(ClusterCommands.Build(new ServerOptions(config), context));
        root.Subcommands.Add(UserCommands.Build(new ServerOptions(config), context));
        root.Subcommands.Add(FloodCommand.Build(context));
        root.Subcommands.Add(SinkCommand.Build(context));
        return root;
    }

    /// <summary>What the parser takes but the command would pass over: settings of a node, an option before its command.</summary>
    private static string? FindMisplaced(ParseResult parsed, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Action is not AsynchronousCommandLineAction || command is RootCommand)
        {
            return null;
        }

        if (settings.Count > 0 && command.Name != RunCommand.Name)
        {
            return $"--{settings[0].Key} is a setting: only '{ProgramName} {RunCommand.Name}' takes settings";
        }

        var early = parsed.RootCommandResult.Children.OfType<OptionResult>()
            .FirstOrDefault(option => !option.Implicit && !command.Options.Contains(option.Option));
        if (early is not null)
        {
            return $"{early.Option.Name} has no meaning for '{PathOf(parsed)}'";
        }

        var isOver = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash);
        var mistyped = isOver ? null : parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .FirstOrDefault(token => token.Value.StartsWith('-'));
        return mistyped is null ? null : $"Unrecognized option '{mistyped.Value}'.{Suggest(mistyped.Value, command)}";
    }

    private static async Task<int> RefuseAsync(CommandContext context, IReadOnlyList<string> errors, ParseResult parsed)
    {
        foreach (var error in errors)
        {
            await context.Error.WriteLineAsync($"{ProgramName}: {ShownText.Clean(error)}");
        }

        var command = parsed.CommandResult.Command;
        var hints = parsed.UnmatchedTokens.Select(token => Suggest(token, command).Trim()).Where(hint => hint.Length > 0);
        foreach (var hint in hints.Distinct())
        {
            await context.Error.WriteLineAsync(hint);
        }

        await context.Error.WriteLineAsync($"See '{PathOf(parsed)} --help'.");
        return ExitCodes.Usage;
    }

    private static string Suggest(string word, Command command)
    {
        var valid = word.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(below => below.Name);
        return NearestKey.Find(word.Split('=', ':')[0], valid) is { } nearest ? $" Did you mean {nearest}?" : "";
    }

    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
        {
            names.Push(command.Command.Name);
        }

        return string.Join(' ', names.Prepend(ProgramName));
    }
}

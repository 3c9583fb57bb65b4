using System.Collections;
using Relay.Flood.Sink;
using Relay.Node.Settings;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary>What a command may use of the world around it.</summary>
public sealed record CommandContext
{
    /// <summary>Width of tables, in characters, when nobody looks at a terminal: cells must not break then.</summary>
    public const int RedirectedWidth = 400;

    /// <summary>What was asked for: tables, JSON.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>What went wrong, and notes that are no part of the answer.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Draws tables on <see cref="Output"/>.</summary>
    public required IAnsiConsole Tables { get; init; }

    /// <summary>Shows how far a long command is; null when nobody looks at a terminal.</summary>
    public IAnsiConsole? Progress { get; init; }

    /// <summary>Runs the node until it is told to stop; its value is the exit code.</summary>
    public required Func<NodeSettings, CancellationToken, Task<int>> RunNode { get; init; }

    /// <summary>Runs a sink until it is told to stop or has had enough; its value is the exit code.</summary>
    public Func<SinkSettings, TextWriter, CancellationToken, Task<int>> RunSink { get; init; } = SinkProgram.RunAsync;

    /// <summary>See <see cref="StopSignals.Hold"/>.</summary>
    public Action HoldSignals { get; init; } = static () => { };

    /// <summary>Asks the person at the terminal a question that is answered with yes or no; null when nobody is there.</summary>
    public Func<string, CancellationToken, Task<bool>>? Confirm { get; init; }

    /// <summary>Asks the person at the terminal for something that is not shown while it is typed; null when nobody is there.</summary>
    public Func<string, CancellationToken, Task<string>>? AskSecret { get; init; }

    /// <summary>Opens what was piped in.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    /// <summary>How long a node may take to answer a request.</summary>
    public TimeSpan AnswerTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder that relative file names refer to.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>The environment variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The context of this process: its console, folder and environment.</summary>
    public static CommandContext OfProcess(Func<NodeSettings, CancellationToken, Task<int>> runNode)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>();
        return new CommandContext
        {
            Output = Console.Out,
            Error = Console.Error,
            Tables = TablesOn(Console.Out, Console.IsOutputRedirected),
            Progress = Console.IsErrorRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(Console.Error) }),
            RunNode = runNode,
            Confirm = Console.IsInputRedirected || Console.IsErrorRedirected ? null : ConfirmAsync,
            AskSecret = Console.IsInputRedirected || Console.IsErrorRedirected ? null : AskSecretAsync,
            Variables = variables.ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "", StringComparer.Ordinal),
        };
    }

    // The reading of a terminal does not end with a token, so that it is left behind when the process is told to stop.
    private static async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"{question} [y/N] ");
        var answer = await Task.Run(Console.In.ReadLine, cancellationToken).WaitAsync(cancellationToken);
        return answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static Task<string> AskSecretAsync(string question, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return new TextPrompt<string>(question) { AllowEmpty = true }.Secret(null).ShowAsync(console, cancellationToken);
    }

    /// <summary>A console that draws on a writer; without a terminal plain, and so wide that cells stay whole.</summary>
    public static IAnsiConsole TablesOn(TextWriter output, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (isRedirected)
        {
            console.Profile.Width = RedirectedWidth;
            console.Profile.Capabilities.Ansi = false;
        }

        return console;
    }
}

using System.Text;
using Relay.Flood.Sink;
using Relay.Node.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.Tests.CommandLine;

/// <summary>Runs commands in a folder of its own and keeps what they print.</summary>
internal sealed class CommandRun : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("relay-command-").FullName;

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What the last command printed.</summary>
    public string Output { get; private set; } = "";

    /// <summary>What the last command said went wrong.</summary>
    public string Error { get; private set; } = "";

    /// <summary>The lines of <see cref="Output"/> without the spaces that fill a table's cells.</summary>
    public string[] OutputLines => Lines(Output);

    /// <summary>The lines of <see cref="Error"/>.</summary>
    public string[] ErrorLines => Lines(Error);

    public Func<NodeSettings, CancellationToken, Task<int>> RunNode { get; set; } =
        (_, _) => throw new InvalidOperationException("no node here");

    public TimeSpan AnswerTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    public Func<string, CancellationToken, Task<bool>>? Confirm { get; set; }

    /// <summary>Answers what is asked at a terminal; null when there is none.</summary>
    public Func<string, CancellationToken, Task<string>>? AskSecret { get; set; }

    /// <summary>What is piped in.</summary>
    public string Input { get; set; } = "";

    /// <summary>Has a command asked for what is piped in?</summary>
    public bool IsInputOpen { get; private set; }

    public Func<SinkSettings, TextWriter, CancellationToken, Task<int>>? RunSink { get; set; }

    public void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public Task<int> RunAsync(params string[] arguments) => RunAsync(arguments, new StringWriter(), CancellationToken.None);

    public async Task<int> RunAsync(string[] arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var error = new StringWriter();
        var context = new CommandContext
        {
            Output = output,
            Error = error,
            Tables = CommandContext.TablesOn(output, isRedirected: true),
            RunNode = RunNode,
            WorkingDirectory = Folder,
            Variables = Variables,
            AnswerTimeMax = AnswerTimeMax,
            Confirm = Confirm,
            AskSecret = AskSecret,
            OpenInput = () =>
            {
                IsInputOpen = true;
                return new MemoryStream(Encoding.UTF8.GetBytes(Input));
            },
        };
        context = RunSink is null ? context : context with { RunSink = RunSink };
        var code = await RelayCommandLine.RunAsync(arguments, context, cancellationToken);
        (Output, Error) = (output.ToString()!, error.ToString());
        return code;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd())];
}

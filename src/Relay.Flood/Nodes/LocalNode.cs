using System.Diagnostics;
using System.Net;

namespace Relay.Flood.Nodes;

/// <summary>
/// A node that was started for a flood, and ends with it: by its standard input, which is ours, also when nobody is left to kill it. What it prints
/// goes to a file beside its settings.
/// </summary>
internal sealed class LocalNode : IDisposable
{
    private readonly RelayProgram _program;
    private readonly string _folder;
    private Process? _process;
    private StreamWriter? _log;

    public LocalNode(string name, string folder, IPEndPoint smtp, Uri api, RelayProgram program)
    {
        Name = name;
        Smtp = smtp;
        Api = api;
        _folder = folder;
        _program = program;
    }

    public string Name { get; }

    public IPEndPoint Smtp { get; }

    public Uri Api { get; }

    public int ProcessId { get; private set; }

    public string LogFile => Path.Combine(_folder, "log");

    public long? LogBytes => File.Exists(LogFile) ? new FileInfo(LogFile).Length : null;

    /// <summary>Has it ended by itself?</summary>
    public bool HasEnded => _process is { HasExited: true };

    public void Start()
    {
        var start = new ProcessStartInfo(_program.File)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (var argument in _program.Arguments.Concat(["run", "--until-input-ends", "--config", Path.Combine(_folder, "relay.json")]))
        {
            start.ArgumentList.Add(argument);
        }

        // A dead node's last words may still be on their way to its file: the next life has a writer of its own.
        var log = TextWriter.Synchronized(_log = new StreamWriter(LogFile, append: true) { AutoFlush = true });
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        ProcessId = process.Id;
    }

    /// <summary>Kills it as -9 does, and waits until it is gone. Its data stays.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _process = null;
        _log?.Dispose();
        _log = null;
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.Dispose();
        _log?.Dispose();
    }

    private static void Write(TextWriter log, string? line)
    {
        if (line is not null)
        {
            log.WriteLine(line);
        }
    }
}

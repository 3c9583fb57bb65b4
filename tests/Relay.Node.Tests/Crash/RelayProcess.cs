using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Crash;

/// <summary>The program itself in a process of its own, which a test may kill.</summary>
internal sealed partial class RelayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly List<string> _output = [];
    private Task _reading = Task.CompletedTask;

    private RelayProcess(Process process)
    {
        _process = process;
    }

    public IPEndPoint Smtp { get; private set; } = null!;

    public Uri Admin { get; private set; } = null!;

    /// <summary>The file systems as it sees them, as a folder; for the superuser.</summary>
    public string Root => string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/root");

    /// <summary>All it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts <c>relay</c> with arguments, and waits until it says where it listens.</summary>
    public static Task<RelayProcess> StartAsync(params string[] arguments) => StartAsync(Launch(Command(arguments)));

    /// <summary>Starts <c>relay</c> with a limit of open files.</summary>
    public static Task<RelayProcess> StartLimitedAsync(int openFiles, params string[] arguments) => StartAsync(Launch(Limited(openFiles, arguments)));

    /// <summary>Starts <c>relay</c> with a variable of its environment.</summary>
    public static Task<RelayProcess> StartWithAsync(string variable, params string[] arguments) => StartAsync(Launch(["env", variable, .. Command(arguments)]));

    /// <summary>Starts <c>relay</c> with variables of its environment.</summary>
    public static Task<RelayProcess> StartWithAsync(string[] variables, params string[] arguments) => StartAsync(Launch(["env", .. variables, .. Command(arguments)]));

    /// <summary>Runs <c>relay</c> with variables of its environment to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunWithAsync(string[] variables, params string[] arguments) =>
        RunAsync(Launch(["env", .. variables, .. Command(arguments)]));

    /// <summary>Starts <c>relay</c> in a network namespace; where its listeners are, the caller knows.</summary>
    public static Task<RelayProcess> StartInAsync(string networkNamespace, params string[] arguments) =>
        StartAsync(Launch(["ip", "netns", "exec", networkNamespace, .. Command(arguments)]));

    /// <summary>Starts <c>relay</c> with a file system of its own in a folder, which nobody else sees and which ends with it.</summary>
    /// <param name="image">A file that holds the file system; where files cannot be mounted it is made in memory, as large as that.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="arguments">What it is started with.</param>
    public static Task<RelayProcess> StartOnAsync(string image, string folder, params string[] arguments) => StartAsync(Launch(
        [
            "unshare", "--mount", "--propagation", "private", "sh", "-c",
            """mount -o loop "$1" "$2" 2>/dev/null || mount -t tmpfs -o "size=$(stat -c %s "$1")" relay "$2" || exit 1; shift 2; exec "$@" """,
            "sh", image, folder, .. Command(arguments),
        ]));

    /// <summary>Starts <c>relay</c> with a file system in memory in a folder, which ends with it; see <see cref="Root"/>.</summary>
    /// <param name="octets">How large that is.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="arguments">What it is started with.</param>
    public static Task<RelayProcess> StartInMemoryAsync(int octets, string folder, params string[] arguments) => StartAsync(Launch(
        [
            "unshare", "--mount", "--propagation", "private", "sh", "-c",
            """mount -t tmpfs -o "size=$1" relay "$2" || exit 1; shift 2; exec "$@" """,
            "sh", octets.ToString(CultureInfo.InvariantCulture), folder, .. Command(arguments),
        ]));

    /// <summary>Starts <c>relay</c> and waits for nothing: for a command that is no node.</summary>
    public static RelayProcess Begin(params string[] arguments)
    {
        var relay = Launch(Command(arguments));
        relay._reading = relay.KeepReadingAsync();
        return relay;
    }

    /// <summary>Runs <c>relay</c> to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(Launch(Command(arguments)));

    /// <summary>Runs <c>relay</c> with a limit of open files to its end.</summary>
    public static Task<(int ExitCode, string Output)> RunLimitedAsync(int openFiles, params string[] arguments) => RunAsync(Launch(Limited(openFiles, arguments)));

    private static async Task<RelayProcess> StartAsync(RelayProcess relay)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await relay._process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            relay.Keep(line);
            if (SmtpLine().Match(line) is { Success: true } smtp)
            {
                relay.Smtp = new IPEndPoint(IPAddress.Loopback, int.Parse(smtp.Groups[1].Value, CultureInfo.InvariantCulture));
            }
            else if (AdminLine().Match(line) is { Success: true } admin)
            {
                relay.Admin = new Uri(admin.Groups[1].Value);
                relay._reading = relay.KeepReadingAsync();
                return relay;
            }
        }

        await relay._process.WaitForExitAsync(patience.Token);
        throw new InvalidOperationException($"relay ended with {relay._process.ExitCode}: {relay.Output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(RelayProcess launched)
    {
        await using var relay = launched;
        using var patience = new CancellationTokenSource(Patience);
        var output = await relay._process.StandardOutput.ReadToEndAsync(patience.Token);
        await relay._process.WaitForExitAsync(patience.Token);
        // Errors come on a thread of their own meanwhile: which of the two ended first must not show.
        return (relay._process.ExitCode, $"{output}\n{relay.Output}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and no wait for what it does.</summary>
    public void Signal() => Signal("TERM");

    /// <summary>Any signal.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>SIGSTOP: it stands still, and its connections with it.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public void Resume() => Signal("CONT");

    /// <summary>SIGTERM, and its exit code; all that it wrote is in <see cref="Output"/> then.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal();
        return await EndAsync();
    }

    /// <summary>Waits until it has ended, for its exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static string[] Command(string[] arguments) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "relay.dll"), .. arguments];

    private static string[] Limited(int openFiles, string[] arguments) =>
        ["sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {openFiles}; exec \"$@\""), "sh", .. Command(arguments)];

    private static RelayProcess Launch(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        var relay = new RelayProcess(process);
        process.ErrorDataReceived += (_, line) => relay.Keep(line.Data);
        process.BeginErrorReadLine();
        return relay;
    }

    [GeneratedRegex(@"^SMTP \(\w+\) on 127\.0\.0\.1:(\d+)$")]
    private static partial Regex SmtpLine();

    [GeneratedRegex(@"^API, /health and /metrics on (\S+)$")]
    private static partial Regex AdminLine();

    private async Task KeepReadingAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Keep(line);
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Count < 10_000)
            {
                _output.Add(line);
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>A program that we did not write, started by a test and stopped by it.</summary>
internal sealed class ForeignProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    // Postfix keeps smtp-source and smtp-sink where only administrators look.
    // Programs that cannot be installed beside others are unpacked into a folder of their own.
    private static readonly string[] Folders =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':'), "/usr/sbin", "/sbin",
        "/var/cache/relay-interop/usr/sbin",
    ];

    private readonly Process _process;
    private readonly ConcurrentQueue<string?> _output = new();

    private ForeignProgram(Process process)
    {
        _process = process;
    }

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string name) =>
        Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code and all it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, params string[] arguments)
    {
        using var process = Process.Start(Describe(name, arguments))!;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Starts a program that goes on until it is disposed.</summary>
    public static ForeignProgram Start(string name, params string[] arguments)
    {
        var process = Process.Start(Describe(name, arguments))!;
        var program = new ForeignProgram(process);
        process.OutputDataReceived += (_, line) => program._output.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => program._output.Enqueue(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Waits until something takes connections there; fails with what the program said when it ends before.</summary>
    public async Task UntilListeningAsync(IPEndPoint where)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var probe = new TcpClient(where.AddressFamily);
            try
            {
                await probe.ConnectAsync(where, patience.Token);
                return;
            }
            catch (SocketException)
            {
                Assert.False(_process.HasExited, string.Join('\n', _output));
                await Eventually.NextLookAsync();
            }
        }
    }

    /// <summary>Waits until the program has ended by itself.</summary>
    public async Task UntilEndedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Describe(string name, string[] arguments)
    {
        var path = Find(name) ?? throw new FileNotFoundException($"{name} is not installed, and RELAY_REQUIRE_INTEROP demands it");
        return new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
    }
}

using System.Net.Sockets;

namespace Relay.Flood.Sink;

/// <summary>The sink as a program: <c>relay sink</c>.</summary>
public static class SinkProgram
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Runs a sink until it is cancelled or has <see cref="SinkSettings.StopAfter"/> messages.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="output">Gets one line when listening, one a second while mail arrives, and the totals at the end.</param>
    /// <param name="cancellationToken">Ends the run in order (SIGINT, SIGTERM).</param>
    /// <returns>0; 1 when it cannot start or something failed on the way.</returns>
    public static Task<int> RunAsync(SinkSettings settings, TextWriter output, CancellationToken cancellationToken) =>
        RunAsync(settings, output, TimeProvider.System, cancellationToken);

    /// <summary>The same with a given clock.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="output">Gets one line when listening, one a second while mail arrives, and the totals at the end.</param>
    /// <param name="time">The clock for status lines, delays and the ledger.</param>
    /// <param name="cancellationToken">Ends the run in order (SIGINT, SIGTERM).</param>
    /// <returns>0; 1 when it cannot start or something failed on the way.</returns>
    public static async Task<int> RunAsync(SinkSettings settings, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(time);
        SmtpSink sink;
        try
        {
            sink = SmtpSink.Start(settings, time);
        }
        catch (SocketException e)
        {
            await output.WriteLineAsync($"Cannot listen on {settings.Listen}: {e.Message}");
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await output.WriteLineAsync($"Cannot keep messages: {e.Message}");
            return 1;
        }

        await using (sink)
        {
            using var timer = new PeriodicTimer(StatusPeriod, time);
            await output.WriteLineAsync(SinkReport.Start(sink));
            await output.FlushAsync(CancellationToken.None);
            await ReportAsync(sink, output, timer, time, cancellationToken);
            await sink.StopAsync(CancellationToken.None);
            await output.WriteLineAsync(SinkReport.Totals(sink.Counters));
            if (sink.FirstFailure is { } failure)
            {
                await output.WriteLineAsync($"{sink.Counters.Failures} failures, the first: {failure.Message}");
                return 1;
            }
        }

        return 0;
    }

    private static async Task ReportAsync(
        SmtpSink sink, TextWriter output, PeriodicTimer timer, TimeProvider time, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = sink.Completed.ContinueWith(_ => ended.CancelAsync(), ended.Token, TaskContinuationOptions.None, TaskScheduler.Default);
        var last = sink.Counters;
        var lastAt = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                var now = sink.Counters;
                var elapsed = time.GetElapsedTime(lastAt);
                lastAt = time.GetTimestamp();
                if (SinkReport.HasTraffic(last, now))
                {
                    await output.WriteLineAsync(SinkReport.Status(last, now, elapsed));
                    await output.FlushAsync(ended.Token);
                }

                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The end of every run.
        }
    }
}

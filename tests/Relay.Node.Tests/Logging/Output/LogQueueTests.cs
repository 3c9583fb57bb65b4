using System.Diagnostics;
using System.IO.Pipes;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Logging.Output;
using Relay.TestKit;
using Serilog.Events;

namespace Relay.Node.Tests.Logging.Output;

public sealed class LogQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 9, 36, 8, TimeSpan.Zero));
    private readonly FailingTarget _target = new();
    private readonly LogQueue _queue;

    public LogQueueTests() => _queue = new LogQueue("test", _target, _time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Lines_are_written_together_and_an_error_at_once()
    {
        _queue.Emit(LogLines.Of("one"));
        _queue.Emit(LogLines.Of("two"));
        Assert.Empty(_target.Written);
        _time.Advance(LogQueue.FlushTime);
        await WrittenAsync("one", "two");
        Assert.Equal(1, _target.Writes);

        _queue.Emit(LogLines.Of("three"));
        _queue.Emit(LogLines.Of("four", LogEventLevel.Error));
        await WrittenAsync("one", "two", "three", "four");
    }

    [Fact]
    public async Task What_waits_at_the_end_is_written()
    {
        _queue.Emit(LogLines.Of("last"));
        _queue.Dispose();
        await WrittenAsync("last");
        _queue.Emit(LogLines.Of("too late"));
        Assert.Equal(1, _queue.Lost);
    }

    [Fact]
    public async Task A_target_that_fails_costs_lines_whose_number_is_told_in_one_line_as_soon_as_it_can_be()
    {
        _target.Fault = new IOException("No space\r\nleft");
        _queue.Emit(LogLines.Of("lost one"));
        _queue.Emit(LogLines.Of("lost two"));
        _time.Advance(LogQueue.FlushTime);
        await Eventually.TrueAsync(() => _queue.Lost == 2);
        Assert.Equal("No space\\u000d\\u000aleft", _queue.Trouble);

        // No try for each line: one a second.
        var writes = _target.Writes;
        for (var i = 0; i < 100; i++)
        {
            _queue.Emit(LogLines.Of($"kept {i}", LogEventLevel.Error));
        }

        Assert.Equal(writes, _target.Writes);
        await RetryAsync(() => _target.Writes > writes);
        _target.Fault = null;
        await RetryAsync(() => _queue.Trouble is null);
        await Eventually.TrueAsync(() => _target.Written.Count == 101);
        Assert.Equal(
            ["log: 2 lines were lost: No space\\u000d\\u000aleft", .. Enumerable.Range(0, 100).Select(static i => $"kept {i}")], _target.Written);
        Assert.Equal(2, _queue.Lost);
    }

    [Fact]
    public async Task A_line_that_cannot_be_put_into_words_costs_its_block_and_no_more()
    {
        _target.Fault = new FormatException("what is that");
        _queue.Emit(LogLines.Of("strange", LogEventLevel.Error));
        await Eventually.TrueAsync(() => _queue.Lost == 1);
        _target.Fault = null;
        await RetryAsync(() => _queue.Trouble is null);
        await WrittenAsync("log: 1 lines were lost: what is that");
    }

    // A pipe of the system's that nobody reads: what `relay run | less` is.
    [Fact]
    public async Task A_target_that_hangs_makes_nobody_wait_and_its_lines_are_counted()
    {
        var began = Stopwatch.GetTimestamp();
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle));
        using var queue = new LogQueue("pipe", new LogStream(pipe), TimeProvider.System);
        const int lines = 3 * LogQueue.LinesMax;
        for (var i = 0; i < lines; i++)
        {
            queue.Emit(LogLines.Of(new string('x', 100), LogEventLevel.Error));
        }

        Assert.InRange(queue.Lost, LogQueue.LinesMax / 2, lines - LogQueue.LinesMax);
        Assert.NotNull(queue.Trouble);
        var lost = queue.Lost;
        queue.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(30));

        // Somebody reads at last.
        var read = 0;
        while (await reader.ReadLineAsync() is { } line && !line.EndsWith($" WRN log: {lost} lines were lost: they came faster than they could be written", StringComparison.Ordinal))
        {
            read++;
        }

        Assert.Equal(lines, read + lost);
    }

    private async Task WrittenAsync(params string[] lines)
    {
        await Eventually.TrueAsync(() => _target.Written.Count >= lines.Length);
        Assert.Equal(lines, _target.Written);
    }

    private Task RetryAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        _time.Advance(LogQueue.RetryTime);
        return condition();
    });

    private sealed class FailingTarget : ILogTarget
    {
        private readonly Lock _lock = new();
        private readonly List<string> _written = [];
        private volatile Exception? _fault;
        private int _writes;

        public Exception? Fault
        {
            set => _fault = value;
        }

        public int Writes => Volatile.Read(ref _writes);

        public IReadOnlyList<string> Written
        {
            get
            {
                lock (_lock)
                {
                    return [.. _written];
                }
            }
        }

        public void Write(ReadOnlySpan<LogEvent> lines)
        {
            Interlocked.Increment(ref _writes);
            if (_fault is { } fault)
            {
                throw fault;
            }

            lock (_lock)
            {
                foreach (var line in lines)
                {
                    _written.Add(line.MessageTemplate.Text);
                }
            }
        }

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}

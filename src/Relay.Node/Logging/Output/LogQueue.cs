using System.Globalization;
using System.Runtime.InteropServices;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace Relay.Node.Logging.Output;

/// <summary>Takes lines from any thread without ever making it wait, and writes them in blocks on a thread of its own: a write to the system for each of
/// thousands of lines a second would cost a fifth of the node's CPU, and a disk that hangs or a pipe that nobody reads would stop mail.</summary>
/// <remarks>A line leaves after <see cref="FlushTime"/> at the latest; an error, and what stands before it, at once. Lines for which there is no room, and
/// those that the target does not take, are lost: they are counted, and one line tells how many as soon as there is something to tell it on.</remarks>
internal sealed class LogQueue : ILogEventSink, IDisposable
{
    /// <summary>Lines that wait at most; more are lost.</summary>
    public const int LinesMax = 10_000;

    /// <summary>Lines that are written at once, and lost together when they cannot be.</summary>
    public const int BlockLinesMax = 256;

    /// <summary>A line waits at most this long.</summary>
    public static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two tries of a target that failed.</summary>
    public static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);

    /// <summary>For the target to take the last lines when the process ends.</summary>
    public static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(2);

    private const string TooMany = "they came faster than they could be written";

    private readonly ILogTarget _target;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private List<LogEvent> _waiting = [];
    private long _overflow;
    private long _lost;
    private bool _isClosing;
    private volatile string? _trouble;

    // Of the thread that writes.
    private List<LogEvent> _taken = [];
    private int _next;
    private long _untold;
    private string _cause = TooMany;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">What the log is called: <c>stdout</c>, <c>mail</c> or <c>node</c>.</param>
    /// <param name="target">Where the lines go; disposed with this.</param>
    /// <param name="time">The clock.</param>
    public LogQueue(string name, ILogTarget target, TimeProvider time)
    {
        Name = name;
        _target = target;
        _time = time;
        _timer = time.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = $"log {name}" };
        _thread.Start();
    }

    /// <summary>What the log is called.</summary>
    public string Name { get; }

    /// <summary>Lines that were lost since the start.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Why lines are being lost; null when they are not.</summary>
    public string? Trouble
    {
        get
        {
            lock (_lock)
            {
                return _trouble ?? (_waiting.Count == LinesMax ? TooMany : null);
            }
        }
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        int count;
        lock (_lock)
        {
            if (_isClosing || _waiting.Count == LinesMax)
            {
                _overflow++;
                Interlocked.Increment(ref _lost);
                return;
            }

            _waiting.Add(logEvent);
            count = _waiting.Count;
        }

        if (_trouble is not null)
        {
            // The next try takes it along.
        }
        else if (logEvent.Level >= LogEventLevel.Error || count == LinesMax / 4)
        {
            _wake.Set();
        }
        else if (count == 1)
        {
            _timer.Change(FlushTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes what waits, for <see cref="CloseTime"/> at the most: the process ends whatever becomes of its log.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosing = true;
        }

        _timer.Dispose();
        _wake.Set();
        _thread.Join(CloseTime);
    }

    private void Run()
    {
        bool isLast;
        do
        {
            _wake.WaitOne();
            lock (_lock)
            {
                isLast = _isClosing;
            }

            if (!TryWriteAll() && !isLast)
            {
                _timer.Change(RetryTime, Timeout.InfiniteTimeSpan);
            }
        }
        while (!isLast);

        _target.Dispose();
    }

    private bool TryWriteAll()
    {
        if (_trouble is not null)
        {
            if (!TryTell())
            {
                return false;
            }

            // Before the lock of Take: who adds a line after it sees this, and wakes us.
            _trouble = null;
        }

        if (!TryWriteTaken())
        {
            return false;
        }

        Take();
        return TryWriteTaken() && (_untold == 0 || TryTell());
    }

    private void Take()
    {
        _taken.Clear();
        _next = 0;
        lock (_lock)
        {
            (_taken, _waiting) = (_waiting, _taken);
            if (_overflow > 0)
            {
                _untold += _overflow;
                _overflow = 0;
                _cause = TooMany;
            }
        }
    }

    private bool TryWriteTaken()
    {
        while (_next < _taken.Count)
        {
            var block = CollectionsMarshal.AsSpan(_taken)[_next..Math.Min(_next + BlockLinesMax, _taken.Count)];
            _next += block.Length;
            if (!TryWrite(block))
            {
                _untold += block.Length;
                Interlocked.Add(ref _lost, block.Length);
                return false;
            }
        }

        return true;
    }

    private bool TryTell()
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"log: {_untold} lines were lost: {_cause}");
        if (!TryWrite([new LogEvent(_time.GetLocalNow(), LogEventLevel.Warning, null, new MessageTemplate(line, [new TextToken(line)]), [])]))
        {
            return false;
        }

        _untold = 0;
        return true;
    }

    private bool TryWrite(ReadOnlySpan<LogEvent> lines)
    {
        try
        {
            _target.Write(lines);
            return true;
        }
        catch (Exception e)
        {
            // Whatever it is, a line that cannot be put into words included: it costs lines, and the thread goes on.
            _cause = LogText.Safe(e.Message);
            _trouble = _cause;
            return false;
        }
    }
}

using Relay.Node.Logging;

namespace Relay.Node.Cluster;

/// <summary>The loggers of one run of the cluster's system: they keep what is said during its start until it is known how that went.</summary>
/// <remarks>
/// A start that fails is told by one line of ours; what Akka says of it, over and over with every restart, would bury the mail log. So would what
/// it says of nodes that are gone (<see cref="AkkaNoise"/>), and whatever else it says without end.
/// </remarks>
internal sealed partial class StartLog : ILoggerFactory
{
    /// <summary>Lines kept at most; a start that goes well says fewer.</summary>
    public const int HeldMax = 100;

    /// <summary>Lines of Akka's in a minute; of the others their number is told.</summary>
    public const int LinesMax = 60;

    /// <summary>Length of such a line, in characters: the rest of what another program sent is cut. Errors of ours are whole.</summary>
    public const int LineLengthMax = 1_000;

    private readonly ILoggerFactory _inner;
    private readonly ILogger _log;
    private readonly LineBudget _budget;
    private readonly Lock _lock = new();
    private readonly List<Action> _held = [];
    private volatile State _state = State.Holding;

    public StartLog(ILoggerFactory inner, TimeProvider time)
    {
        _inner = inner;
        _log = inner.CreateLogger<StartLog>();
        _budget = new LineBudget(LinesMax, TimeSpan.FromMinutes(1), time, LogSilent);
    }

    private enum State
    {
        Holding,
        Open,
        Dropped,
    }

    /// <summary>It runs: what was kept is written, and everything after it at once.</summary>
    public void Open()
    {
        lock (_lock)
        {
            if (_state == State.Holding)
            {
                _state = State.Open;
                _held.ForEach(static write => write());
                _held.Clear();
            }
        }
    }

    /// <summary>It never ran: what was kept is dropped, and everything after it.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            if (_state == State.Holding)
            {
                _state = State.Dropped;
                _held.Clear();
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, _inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner loggers are the node's.
    }

    private void Write(Action write)
    {
        if (_state == State.Open)
        {
            if (_budget.TryTake())
            {
                write();
            }

            return;
        }

        lock (_lock)
        {
            if (_state == State.Open)
            {
                write();
            }
            else if (_state == State.Holding && _held.Count < HeldMax)
            {
                _held.Add(write);
            }
        }
    }

    [LoggerMessage(EventId = 4004, Level = LogLevel.Warning, Message = "cluster: {Lines} more lines of Akka were not written")]
    private partial void LogSilent(long lines);

    private sealed class Logger : ILogger
    {
        private readonly StartLog _log;
        private readonly ILogger _inner;

        public Logger(StartLog log, ILogger inner)
        {
            _log = log;
            _inner = inner;
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => _log._state != State.Dropped && _inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var line = formatter(state, exception);
            if (AkkaNoise.IsIn(line))
            {
                return;
            }

            // What other programs send stands in some of these lines, whole. A defect of ours is told with its stack.
            if (logLevel < LogLevel.Error && (exception is not null || line.Length > LineLengthMax || line.AsSpan().ContainsAny('\r', '\n')))
            {
                var safe = LogText.Safe(exception is null ? line : $"{line}: {exception.Message}", LineLengthMax);
                _log.Write(() => _inner.Log(logLevel, eventId, safe, null, static (text, _) => text));
            }
            else
            {
                _log.Write(() => _inner.Log(logLevel, eventId, state, exception, formatter));
            }
        }
    }
}

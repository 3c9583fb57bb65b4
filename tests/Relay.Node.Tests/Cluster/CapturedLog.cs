using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Relay.Node.Tests.Cluster;

/// <summary>Keeps what is logged from warnings on, as the node's log would show it.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Lines.Enqueue($"{logLevel} {formatter(state, exception)}{exception}");
        }
    }

    public void Dispose()
    {
        // Lines are read after the loggers have gone.
    }
}

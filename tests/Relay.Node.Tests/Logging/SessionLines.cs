using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Relay.Node.Logging;

namespace Relay.Node.Tests.Logging;

/// <summary>Keeps the lines of a session log as they are formatted.</summary>
internal sealed class SessionLines : ILogger<SessionLog>
{
    public ConcurrentQueue<string> Written { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Written.Enqueue(formatter(state, exception));
}

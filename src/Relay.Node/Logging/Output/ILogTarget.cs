using Serilog.Events;

namespace Relay.Node.Logging.Output;

/// <summary>Where lines of the log end up. Used by one thread.</summary>
internal interface ILogTarget : IDisposable
{
    /// <summary>Writes lines, in order. It may take as long as the disk, or who reads a pipe, takes.</summary>
    /// <exception cref="IOException">The system did not take all of them; some may be there.</exception>
    void Write(ReadOnlySpan<LogEvent> lines);
}

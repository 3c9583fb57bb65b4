using Akka.Event;

namespace Relay.Node.Logging;

/// <summary>Takes what Akka says before its loggers run and after they have stopped: on standard output it would stand between the log's lines,
/// in a form of its own, and no level keeps all of it back.</summary>
internal sealed class SilentLogger : MinimalLogger
{
    /// <summary>Writes nothing.</summary>
    /// <param name="message">What was said.</param>
    protected override void Log(object message)
    {
    }
}

using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Relay.Node.Logging;

/// <summary>Writes log lines to standard output in blocks: a write to the system for each of thousands of lines a second would cost a fifth of the node's CPU.</summary>
/// <remarks>A line leaves after <see cref="FlushTime"/> at the latest; an error, and what stands before it, at once.</remarks>
internal sealed class BufferedConsoleSink : ILogEventSink, IDisposable
{
    /// <summary>A line waits at most this long.</summary>
    public static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Characters that wait at most.</summary>
    public const int BufferMax = 64 * 1024;

    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    private readonly MessageTemplateTextFormatter _formatter = new(Template, CultureInfo.InvariantCulture);
    private readonly Lock _lock = new();
    private readonly StreamWriter _output;
    private readonly ITimer _timer;
    private bool _hasWaiting;

    public BufferedConsoleSink(Stream output, TimeProvider time)
    {
        _output = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferMax) { AutoFlush = false };
        _timer = time.CreateTimer(static sink => ((BufferedConsoleSink)sink!).Flush(), this, FlushTime, FlushTime);
    }

    public void Emit(LogEvent logEvent)
    {
        lock (_lock)
        {
            _formatter.Format(logEvent, _output);
            _hasWaiting = true;
            if (logEvent.Level >= LogEventLevel.Error)
            {
                Flush();
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }

    private void Flush()
    {
        lock (_lock)
        {
            if (!_hasWaiting)
            {
                return;
            }

            _hasWaiting = false;
            try
            {
                _output.Flush();
            }
            catch (IOException)
            {
                // Nobody reads our output any more, or its disk is full: mail goes on without.
            }
        }
    }
}

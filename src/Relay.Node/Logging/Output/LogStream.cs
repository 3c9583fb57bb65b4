using System.Text;
using Serilog.Events;

namespace Relay.Node.Logging.Output;

/// <summary>Standard output as the log's target.</summary>
internal sealed class LogStream : ILogTarget
{
    /// <summary>Octets that are written at once.</summary>
    public const int BufferMax = 64 * 1024;

    private readonly LogLine _format = new();
    private readonly StreamWriter _output;
    private bool _isTorn;

    public LogStream(Stream output) =>
        _output = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferMax) { AutoFlush = false };

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<LogEvent> lines)
    {
        if (_isTorn)
        {
            // Half a line may be there of what failed before.
            _output.Write('\n');
        }

        _isTorn = true;
        foreach (var line in lines)
        {
            _format.Format(line, _output);
        }

        _output.Flush();
        _isTorn = false;
    }

    /// <summary>Leaves the stream open: it is the process's.</summary>
    public void Dispose()
    {
        // All is written, or lost and counted.
    }
}

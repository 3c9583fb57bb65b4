using System.Text;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Sinks.File;

namespace Relay.Node.Logging.Output;

/// <summary>A file as the log's target: <see cref="FilesKept"/> files at the most, none larger than it may be; a new one begins when one is full, and the oldest goes.</summary>
/// <remarks>Serilog's file sink writes it. Left alone that one would write to the system with every line, and not open a file again for half an hour once it could not.</remarks>
internal sealed class LogFile : FileLifecycleHooks, ILogTarget, ILoggingFailureListener
{
    /// <summary>Files of one log.</summary>
    public const int FilesKept = 8;

    /// <summary>Octets that are written at once.</summary>
    public const int BlockBytesMax = 64 * 1024;

    private readonly string _path;
    private readonly long _bytesMax;
    private readonly List<LogBlock> _blocks = [];
    private ILogEventSink? _sink;
    private IOException? _failure;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="path">The first file; the next ones have a number before the last dot.</param>
    /// <param name="bytesMax">Octets of all files together.</param>
    public LogFile(string path, long bytesMax)
    {
        _path = path;
        // It is looked at before a line is added: a block and a line may come on top.
        _bytesMax = (bytesMax / FilesKept) - BlockBytesMax - LogLine.OctetsMax;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<LogEvent> lines)
    {
        _sink ??= Open();
        try
        {
            foreach (var line in lines)
            {
                _sink.Emit(line);
            }
        }
        catch
        {
            // It has no file, and would take its time before it tries again.
            Close();
            throw;
        }

        if (_failure is { } failure)
        {
            Close();
            throw failure;
        }

        Commit();
    }

    /// <inheritdoc/>
    public override Stream OnFileOpened(Stream underlyingStream, Encoding encoding)
    {
        var block = new LogBlock(underlyingStream);
        _blocks.Add(block);
        return block;
    }

    /// <inheritdoc/>
    public void OnLoggingFailed(object sender, LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events, Exception? exception) =>
        _failure = new IOException(exception?.Message ?? message, exception);

    /// <inheritdoc/>
    public void Dispose() => Close();

    // A block that begins in one file may end in the next one.
    private void Commit()
    {
        IOException? failure = null;
        foreach (var block in _blocks)
        {
            block.Commit();
            failure ??= block.Failure;
            block.Clear();
        }

        if (_blocks.Count > 1)
        {
            _blocks.RemoveRange(0, _blocks.Count - 1);
        }

        if (failure is not null)
        {
            // The file stays open: what half a line of this may be there is overwritten by the next one.
            throw new IOException(failure.Message, failure);
        }
    }

    private ILogEventSink Open()
    {
        var sink = LoggerSinkConfiguration.CreateSink(to => to.File(
            new LogLine(), _path, fileSizeLimitBytes: _bytesMax, rollOnFileSizeLimit: true, retainedFileCountLimit: FilesKept, hooks: this));
        (sink as ISetLoggingFailureListener)?.SetFailureListener(this);
        return sink;
    }

    private void Close()
    {
        (_sink as IDisposable)?.Dispose();
        _sink = null;
        _failure = null;
        _blocks.Clear();
    }
}

namespace Relay.Node.Logging.Output;

/// <summary>Keeps what is written to a file until it is told to hand it on: one write to the system for many lines.</summary>
/// <remarks>What fails is kept as well, until somebody asks: whoever writes here is between us and the file, and would swallow it.</remarks>
internal sealed class LogBlock : Stream
{
    private readonly Stream _file;
    private readonly MemoryStream _waiting = new();

    public LogBlock(Stream file) => _file = file;

    /// <summary>Why something could not be written; null when all was.</summary>
    public IOException? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Hands everything to the system.</summary>
    public void Commit()
    {
        if (_waiting.Length == 0)
        {
            return;
        }

        try
        {
            _file.Write(_waiting.GetBuffer(), 0, (int)_waiting.Length);
            _file.Flush();
        }
        catch (IOException e)
        {
            Failure = e;
        }

        _waiting.SetLength(0);
    }

    /// <summary>Forgets the failure.</summary>
    public void Clear() => Failure = null;

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _waiting.Write(buffer);
        if (_waiting.Length >= LogFile.BlockBytesMax)
        {
            Commit();
        }
    }

    /// <summary>Does nothing: lines are handed on together.</summary>
    public override void Flush()
    {
        // See Commit.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Commit();
            try
            {
                _file.Dispose();
            }
            catch (IOException e)
            {
                Failure = e;
            }
        }

        base.Dispose(disposing);
    }
}

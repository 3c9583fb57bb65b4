using System.Buffers;
using System.IO.Pipelines;

namespace Relay.Node.Encryption;

/// <summary>A connection's pipe as the stream that TLS runs over. Asynchronous only; it does not own the pipe.</summary>
internal sealed class DuplexPipeStream : Stream
{
    /// <summary>Why a read behind the limit fails.</summary>
    public const string TooMuch = "the peer sends more in its handshake than is read";

    private readonly IDuplexPipe _pipe;
    private long _octetsLeft = long.MaxValue;
    private HandshakeSlot? _slot;

    public DuplexPipeStream(IDuplexPipe pipe)
    {
        _pipe = pipe;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Has reads fail behind so many octets; null: none does.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="slot">The handshake's place, which is told when it is the peer's turn; null for nobody.</param>
    public void Limit(long? octets, HandshakeSlot? slot = null) => (_octetsLeft, _slot) = (octets ?? long.MaxValue, slot);

    /// <summary>Reads what has come. With room for nothing it waits until there is something, and takes none of it.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_octetsLeft == 0)
        {
            throw new IOException(TooMuch);
        }

        var input = _pipe.Input;
        while (true)
        {
            var result = await ReadPipeAsync(input, cancellationToken).ConfigureAwait(false);
            var received = result.Buffer;
            if (!received.IsEmpty)
            {
                var taken = received.Slice(0, Math.Min(received.Length, Math.Min(buffer.Length, _octetsLeft)));
                _octetsLeft -= taken.Length;
                taken.CopyTo(buffer.Span);
                input.AdvanceTo(taken.End);
                return (int)taken.Length;
            }

            input.AdvanceTo(received.End);
            if (result.IsCompleted)
            {
                return 0;
            }

            // Somebody woke the plain reader: whoever has something to say to the connection says it to the encrypted one too.
        }
    }

    private ValueTask<ReadResult> ReadPipeAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var read = input.ReadAsync(cancellationToken);
        return _slot is not { } slot || read.IsCompleted ? read : WaitAsync(read, slot);
    }

    private static async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read, HandshakeSlot slot)
    {
        slot.IsWaiting = true;
        try
        {
            return await read.ConfigureAwait(false);
        }
        finally
        {
            slot.IsWaiting = false;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _pipe.Output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Does nothing: every write is flushed.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

using System.Buffers;
using Relay.Spool.Log;
using Relay.Spool.Records;

namespace Relay.Spool;

/// <summary>A live entry's bytes. Every byte handed out has been checked against its checksum. Used by one caller at a time.</summary>
public sealed class SpoolReader : IDisposable
{
    private readonly LogState _state;
    private readonly RecordPlace[] _chunks;
    private readonly MessageTrailer _trailer;
    private readonly RecordPlace[] _pinned;
    private byte[]? _record;
    private ReadOnlyMemory<byte> _message;
    private byte[]? _chunk;
    private ReadOnlyMemory<byte> _chunkBody;
    private int _chunkIndex = -1;
    private long _chunkStart;
    private bool _isDisposed;

    /// <summary>Opens an entry whose segments are pinned already; frees them when it fails.</summary>
    internal SpoolReader(LogState state, EntryId id, RecordPlace[] pinned, RecordPlace[] chunks)
    {
        _state = state;
        _pinned = pinned;
        _chunks = chunks;
        Id = id;
        try
        {
            // Rented: an array of its own for each message would be half of all garbage.
            _record = ArrayPool<byte>.Shared.Rent(pinned[0].Length);
            _message = ReadRecord(pinned[0], id, RecordType.Message, out var header, _record);
            if (!MessageTrailer.TryRead(_message.Span, header, out _trailer) || _trailer.Chunks != chunks.Length)
            {
                throw new SpoolException(pinned[0].Segment!.Name, $"The record of entry {id} contradicts itself.");
            }

            Header = _message.Slice(_message.Length - MessageTrailer.Size - (int)header.Detail, (int)header.Detail);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The entry.</summary>
    public EntryId Id { get; }

    /// <summary>The header it was committed with; not to be used after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public ReadOnlyMemory<byte> Header
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return field;
        }

        private set;
    }

    /// <summary>Octets of the body.</summary>
    public long Length => _trailer.BodyLength;

    /// <summary>When it was committed, to the millisecond.</summary>
    public DateTimeOffset AcceptedAt => DateTimeOffset.FromUnixTimeMilliseconds(_trailer.AcceptedAtMilliseconds);

    /// <summary>Reads from the body; fewer bytes than asked for are possible before its end.</summary>
    /// <param name="offset">From the start of the body.</param>
    /// <param name="buffer">Where to put the bytes.</param>
    /// <returns>Bytes read; 0 at the end of the body.</returns>
    /// <exception cref="SpoolException">The disk fails, or a part of the body does not match its checksum.</exception>
    public int Read(long offset, Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        var source = _chunks.Length == 0
            ? _message.Span[(int)offset..(int)Length]
            : ChunkAt(offset);
        var count = Math.Min(source.Length, buffer.Length);
        source[..count].CopyTo(buffer);
        return count;
    }

    /// <summary>As <see cref="Read"/>; the disk is read on this thread.</summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<int>(Read(offset, buffer.Span));
    }

    /// <summary>Lets the entry's segments be recycled.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        GiveBackChunk();
        GiveBackRecord();
        lock (_state.Gate)
        {
            foreach (var place in _pinned)
            {
                place.Segment!.Pins--;
            }

            _state.MayReclaim = true;
        }
    }

    /// <summary>Reads a record at one go, and checks it.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="id">The entry it must belong to.</param>
    /// <param name="type">The type it must have.</param>
    /// <param name="header">Its header; the payload's length is in it.</param>
    /// <param name="into">Where to put the record when it fits; without it, or when it does not, an array of its own is made.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="SpoolException">It is not whole.</exception>
    internal static ReadOnlyMemory<byte> ReadRecord(RecordPlace place, EntryId id, RecordType type, out RecordHeader header, byte[]? into = null)
    {
        var segment = place.Segment!;
        var record = into is not null && into.Length >= place.Length ? into : GC.AllocateUninitializedArray<byte>(place.Length);
        try
        {
            // A file that was cut short within the padding at its end has the record nevertheless.
            var read = segment.File.Read(place.Offset, record.AsSpan(0, place.Length));
            if (RecordHeader.TryRead(record.AsSpan(0, read), segment.Seed, out header)
                && header.Id == id && header.Type == type && header.RecordLength == place.Length && read >= RecordHeader.Size + header.Length)
            {
                var payload = record.AsMemory(RecordHeader.Size, header.Length);
                if (Crc32C.Of(payload.Span) == header.PayloadCrc)
                {
                    return payload;
                }
            }
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            throw new SpoolException(segment.Name, $"Entry {id} at {place.Offset} cannot be read: {exception.Message}", exception);
        }

        throw new SpoolException(segment.Name, $"Entry {id} at {place.Offset} does not match its checksum.");
    }

    private ReadOnlySpan<byte> ChunkAt(long offset)
    {
        if (_chunkIndex < 0 || offset < _chunkStart)
        {
            Load(0, 0);
        }

        while (offset >= _chunkStart + _chunkBody.Length)
        {
            if (_chunkIndex + 1 == _chunks.Length)
            {
                throw new SpoolException(_chunks[_chunkIndex].Segment!.Name, $"The body of entry {Id} ends early.");
            }

            Load(_chunkIndex + 1, _chunkStart + _chunkBody.Length);
        }

        return _chunkBody.Span[(int)(offset - _chunkStart)..];
    }

    private void Load(int index, long start)
    {
        var place = _chunks[index];
        if (_chunk is null || _chunk.Length < place.Length)
        {
            GiveBackChunk();
            // One rented array for all chunks: an array of 256 KiB for each would be collected late, and twenty bodies at once are many.
            _chunk = ArrayPool<byte>.Shared.Rent(place.Length);
        }

        _chunkIndex = -1; // until the chunk is known to be whole
        _chunkBody = ReadRecord(place, Id, RecordType.Chunk, out _, _chunk);
        (_chunkIndex, _chunkStart) = (index, start);
    }

    private void GiveBackRecord()
    {
        if (_record is { } record)
        {
            _record = null;
            _message = default;
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    private void GiveBackChunk()
    {
        if (_chunk is { } chunk)
        {
            _chunk = null;
            _chunkBody = default;
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}

using System.Buffers;
using System.Threading.Tasks.Sources;
using Relay.Spool.Log;
using Relay.Spool.Records;

namespace Relay.Spool;

/// <summary>An entry on its way into the spool. Used by one caller at a time. Disposed without commit, it leaves nothing.</summary>
public sealed class SpoolWriter : IAsyncDisposable, IValueTaskSource
{
    private readonly SpoolLog _log;
    private readonly SpoolSettings _settings;
    private readonly TimeProvider _time;
    private ManualResetValueTaskSourceCore<bool> _outcome = new() { RunContinuationsAsynchronously = true };
    private BodyBlocks _body;
    private List<RecordPlace>? _chunks;
    private int _chunkCount;
    private bool _isHandedOver;
    private MessageTrailer _trailer;
    private volatile Exception? _fault;
    private volatile bool _isAbandoned;

    internal SpoolWriter(SpoolLog log, SpoolSettings settings, TimeProvider time, EntryId id)
    {
        _log = log;
        _settings = settings;
        _time = time;
        _body = new BodyBlocks(log.Budget, settings.ChunkBytes);
        Id = id;
    }

    /// <summary>The id that the entry will have.</summary>
    public EntryId Id { get; }

    /// <summary>Octets of the body so far.</summary>
    public long Length { get; private set; }

    internal ReadOnlyMemory<byte> Header { get; private set; }

    internal Exception? Fault => _fault;

    internal bool IsAbandoned => _isAbandoned;

    internal bool IsInChunks => _chunkCount > 0;

    /// <summary>Appends to the body. Completes at once while memory is to be had; otherwise waits for the disk.</summary>
    /// <exception cref="SpoolFullException">A part of a large body found no room.</exception>
    /// <exception cref="SpoolUnavailableException">A part of a large body could not be written.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> content, CancellationToken cancellation)
    {
        if (content.IsSingleSegment)
        {
            return WriteAsync(content.First, cancellation);
        }

        foreach (var part in content)
        {
            var write = WriteAsync(part, cancellation);
            if (!write.IsCompletedSuccessfully)
            {
                return WriteRestAsync(write, content.Slice(part.Length), cancellation);
            }

            content = content.Slice(part.Length);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Appends to the body. Completes at once while memory is to be had; otherwise waits for the disk.</summary>
    /// <exception cref="SpoolFullException">A part of a large body found no room.</exception>
    /// <exception cref="SpoolUnavailableException">A part of a large body could not be written.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        ThrowIfNotOpen();
        while (true)
        {
            var copied = _body.Fill(content.Span);
            Length += copied;
            content = content[copied..];
            if (content.IsEmpty)
            {
                return ValueTask.CompletedTask;
            }

            SpillIfLarge();
            var bytes = _body.NextBlockBytes;
            if (!_log.Budget.TryTake(bytes))
            {
                return WriteSlowAsync(content, cancellation);
            }

            _body.AddBlock(bytes);
        }
    }

    /// <summary>Makes the entry durable: completes when the batch that holds it has been synced. The task is to be awaited once.</summary>
    /// <param name="header">Bytes of the owner, at most <see cref="SpoolSettings.HeaderBytesMax"/>; not to be changed until the task
    /// completes.</param>
    /// <param name="cancellation">Honoured until the entry is handed to the log; from then on the outcome is waited for.</param>
    /// <exception cref="SpoolFullException">The quota is used up. Nothing of the entry remains.</exception>
    /// <exception cref="SpoolUnavailableException">The disk failed. Nothing of the entry remains.</exception>
    public ValueTask CommitAsync(ReadOnlyMemory<byte> header, CancellationToken cancellation)
    {
        ThrowIfNotOpen();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(header.Length, _settings.HeaderBytesMax, nameof(header));
        cancellation.ThrowIfCancellationRequested();
        if (_chunkCount > 0 || Length > _settings.InlineBodyMax)
        {
            Spill();
        }

        Header = header;
        _trailer = new MessageTrailer(_time.GetUtcNow().ToUnixTimeMilliseconds(), Length, _chunkCount);
        Span<byte> trailer = stackalloc byte[MessageTrailer.Size];
        _trailer.Write(trailer);
        var crc = Crc32C.End(Crc32C.Append(Crc32C.Append(_body.AppendTo(Crc32C.Start), header.Span), trailer));
        _isHandedOver = true;
        _log.Enqueue(new QueuedAppend(this, _body, -1, crc));
        return new ValueTask(this, _outcome.Version);
    }

    /// <summary>Abandons an entry that is not committed and gives its memory back.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_isHandedOver && !_isAbandoned)
        {
            lock (_log.State.Gate)
            {
                _isAbandoned = true;
                DropChunks();
            }

            _body.Return();
        }

        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _outcome.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);

    /// <summary>Puts octets of this writer into a batch.</summary>
    internal void AddTo(Batch batch, in QueuedAppend append)
    {
        if (append.Chunk >= 0)
        {
            batch.AddChunk(this, append.Chunk, append.Body, append.Crc);
        }
        else
        {
            batch.AddMessage(this, append.Body, Header.Span, _trailer, append.Crc);
        }
    }

    /// <summary>Remembers where a chunk stands, unless nobody wants it any more. Under the gate.</summary>
    internal void PlaceChunk(int index, RecordPlace place)
    {
        if (_isAbandoned || _fault is not null)
        {
            return;
        }

        _chunks ??= [];
        while (_chunks.Count <= index)
        {
            _chunks.Add(default);
        }

        _chunks[index] = place;
        place.Segment!.OpenChunks++;
    }

    /// <summary>Hands the chunks over to the entry. Under the gate.</summary>
    internal RecordPlace[]? TakeChunks()
    {
        var chunks = _chunks?.ToArray();
        ReleaseChunks();
        return chunks;
    }

    /// <summary>Nothing of the entry is to remain. Under the gate.</summary>
    internal void Fail(Exception error)
    {
        _fault ??= error;
        DropChunks();
    }

    /// <summary>Tells the caller of <see cref="CommitAsync"/>.</summary>
    internal void Complete(Exception? error)
    {
        if (error is null)
        {
            _outcome.SetResult(true);
        }
        else
        {
            _outcome.SetException(error);
        }
    }

    private void DropChunks()
    {
        ReleaseChunks();
        _log.State.MayReclaim = true;
    }

    private void ReleaseChunks()
    {
        foreach (var chunk in _chunks ?? [])
        {
            if (chunk.Segment is { } segment)
            {
                segment.OpenChunks--;
            }
        }

        _chunks = null;
    }

    private void SpillIfLarge()
    {
        if (_body.Length >= _settings.ChunkBytes && (_chunkCount > 0 || Length >= _settings.InlineBodyMax))
        {
            Spill();
        }
    }

    private void Spill()
    {
        if (_body.Length > 0)
        {
            var crc = Crc32C.End(_body.AppendTo(Crc32C.Start));
            _log.Enqueue(new QueuedAppend(this, _body, _chunkCount++, crc));
            _body = new BodyBlocks(_log.Budget, _settings.ChunkBytes);
        }
    }

    private async ValueTask WriteSlowAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        while (!content.IsEmpty)
        {
            // Whoever waits for memory holds none: so everybody gets on, however many there are.
            Spill();
            var bytes = _body.NextBlockBytes;
            await _log.Budget.TakeAsync(bytes, cancellation).ConfigureAwait(false);
            _body.AddBlock(bytes);
            ThrowIfNotOpen();
            var copied = _body.Fill(content.Span);
            Length += copied;
            content = content[copied..];
        }
    }

    private async ValueTask WriteRestAsync(ValueTask first, ReadOnlySequence<byte> rest, CancellationToken cancellation)
    {
        await first.ConfigureAwait(false);
        foreach (var part in rest)
        {
            await WriteAsync(part, cancellation).ConfigureAwait(false);
        }
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_isAbandoned, this);
        if (_isHandedOver)
        {
            throw new InvalidOperationException("The entry is committed already.");
        }

        if (_fault is SpoolFullException)
        {
            throw new SpoolFullException(_settings.Directory);
        }

        if (_fault is { } fault)
        {
            throw new SpoolUnavailableException(_settings.Directory, fault.Message, fault);
        }
    }
}

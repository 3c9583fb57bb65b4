using System.Buffers;

namespace Relay.Spool;

/// <summary>An entry on its way into the spool. Used by one caller at a time. Disposed without commit, it leaves nothing.</summary>
public sealed class SpoolWriter : IAsyncDisposable
{
    internal SpoolWriter()
    {
    }

    /// <summary>The id that the entry will have.</summary>
    public EntryId Id => throw new NotImplementedException();

    /// <summary>Octets of the body so far.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>Appends to the body. Completes at once while memory is to be had; otherwise waits for the disk.</summary>
    /// <exception cref="SpoolFullException">A part of a large body found no room.</exception>
    /// <exception cref="SpoolUnavailableException">A part of a large body could not be written.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> content, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Appends to the body. Completes at once while memory is to be had; otherwise waits for the disk.</summary>
    /// <exception cref="SpoolFullException">A part of a large body found no room.</exception>
    /// <exception cref="SpoolUnavailableException">A part of a large body could not be written.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Makes the entry durable: completes when the batch that holds it has been synced. The task is to be awaited once.</summary>
    /// <param name="header">Bytes of the owner, at most <see cref="SpoolSettings.HeaderBytesMax"/>; not to be changed until the task completes.</param>
    /// <param name="cancellation">Honoured until the entry is handed to the log; from then on the outcome is waited for.</param>
    /// <exception cref="SpoolFullException">The quota is used up. Nothing of the entry remains.</exception>
    /// <exception cref="SpoolUnavailableException">The disk failed. Nothing of the entry remains.</exception>
    public ValueTask CommitAsync(ReadOnlyMemory<byte> header, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Abandons an entry that is not committed and gives its memory back.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

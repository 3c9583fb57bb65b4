namespace Relay.Spool;

/// <summary>A live entry's bytes. Every byte handed out has been checked against its checksum. Used by one caller at a time.</summary>
public sealed class SpoolReader : IDisposable
{
    internal SpoolReader()
    {
    }

    /// <summary>The entry.</summary>
    public EntryId Id => throw new NotImplementedException();

    /// <summary>The header it was committed with; valid until the reader is disposed.</summary>
    public ReadOnlyMemory<byte> Header => throw new NotImplementedException();

    /// <summary>Octets of the body.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>Reads from the body; fewer bytes than asked for are possible before its end.</summary>
    /// <param name="offset">From the start of the body.</param>
    /// <param name="buffer">Where to put the bytes.</param>
    /// <returns>Bytes read; 0 at the end of the body.</returns>
    /// <exception cref="SpoolException">The disk fails, or a part of the body does not match its checksum.</exception>
    public int Read(long offset, Span<byte> buffer) => throw new NotImplementedException();

    /// <summary>As <see cref="Read"/>; the disk is read on this thread.</summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Lets the entry's segments be recycled.</summary>
    public void Dispose() => throw new NotImplementedException();
}

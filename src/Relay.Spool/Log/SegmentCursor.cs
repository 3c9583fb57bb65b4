using Relay.Spool.Records;

namespace Relay.Spool.Log;

/// <summary>Reads the record headers of a sealed segment one after the other through a small window.</summary>
internal sealed class SegmentCursor
{
    private const int WindowBytesMax = 64 << 10;

    // A small segment is read in parts too, so that a simulation of small ones meets what large ones meet.
    private const int WindowsPerSegmentMin = 8;

    private readonly byte[] _window;
    private readonly Segment _segment;
    private int _windowStart;
    private int _windowLength;

    /// <summary>Begins at the segment's first record.</summary>
    public SegmentCursor(Segment segment)
    {
        _segment = segment;
        _window = new byte[Math.Min(WindowBytesMax, segment.FileBytes / WindowsPerSegmentMin)];
    }

    /// <summary>Where the current record begins.</summary>
    public int Offset { get; private set; } = SegmentHeader.DataStart;

    /// <summary>The current record.</summary>
    public RecordHeader Record { get; private set; }

    /// <summary>The place of the current record.</summary>
    public RecordPlace Place => new(_segment, Offset, Record.RecordLength);

    /// <summary>Stays on the current record, or finds the next from here; damage is stepped over.</summary>
    /// <returns>False at the segment's end.</returns>
    public bool TryPeek()
    {
        while (Offset < _segment.End)
        {
            var bytes = Window(RecordHeader.Size);
            if (RecordHeader.TryRead(bytes, _segment.Seed, out var record))
            {
                Record = record;
                return true;
            }

            Offset += BatchHeader.TryRead(bytes, _segment.Seed, Offset, out _) ? BatchHeader.Size : 8;
        }

        return false;
    }

    /// <summary>Leaves the current record behind.</summary>
    public void Advance() => Offset += Record.RecordLength;

    /// <summary>The current record's payload, when it is small enough for the window and whole.</summary>
    public bool TryReadSmallPayload(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (Record.RecordLength > _window.Length)
        {
            return false;
        }

        var bytes = Window(Record.RecordLength);
        if (bytes.Length < Record.RecordLength)
        {
            return false;
        }

        payload = bytes.Slice(RecordHeader.Size, Record.Length);
        return Crc32C.Of(payload) == Record.PayloadCrc;
    }

    private ReadOnlySpan<byte> Window(int length)
    {
        var start = Offset - _windowStart;
        if (start < 0 || start + length > _windowLength)
        {
            _windowStart = Offset;
            _windowLength = _segment.File.Read(Offset, _window);
            start = 0;
        }

        return _window.AsSpan(start, Math.Min(length, _windowLength - start));
    }
}

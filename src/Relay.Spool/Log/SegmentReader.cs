using Relay.Spool.Disks;

namespace Relay.Spool.Log;

/// <summary>Reads whole files for a replay, whatever the disk says.</summary>
internal static class SegmentReader
{
    private const int BlockBytes = 4096;

    /// <summary>Fills the buffer; blocks that cannot be read are zeros, which no checksum accepts.</summary>
    public static void ReadAll(IDiskFile file, Span<byte> buffer)
    {
        try
        {
            var read = file.Read(0, buffer);
            buffer[read..].Clear();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            for (var offset = 0; offset < buffer.Length; offset += BlockBytes)
            {
                ReadBlock(file, offset, buffer.Slice(offset, Math.Min(BlockBytes, buffer.Length - offset)));
            }
        }
    }

    private static void ReadBlock(IDiskFile file, int offset, Span<byte> block)
    {
        try
        {
            var read = file.Read(offset, block);
            block[read..].Clear();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            block.Clear();
        }
    }
}

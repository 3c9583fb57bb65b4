using System.Buffers;

namespace Relay.Smtp.Tests;

/// <summary>Makes sequences of many segments, empty ones among them.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long index)
    {
        Memory = memory;
        RunningIndex = index;
    }

    /// <summary>The octets cut at these lengths in turn, with an empty segment before each.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> octets, ReadOnlySpan<int> cuts)
    {
        var first = new Segments(default, 0);
        var last = first;
        var start = 0;
        for (var i = 0; start < octets.Length; i++)
        {
            var length = Math.Min(cuts[i % cuts.Length], octets.Length - start);
            last = last.Append(octets.Slice(start, length)).Append(default);
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private Segments Append(ReadOnlyMemory<byte> memory)
    {
        var next = new Segments(memory, RunningIndex + Memory.Length);
        Next = next;
        return next;
    }
}

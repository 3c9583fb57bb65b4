using System.Buffers;

namespace Relay.Smtp.Tests.Server;

/// <summary>Makes sequences of many segments, as a pipe does.</summary>
internal static class Segments
{
    /// <summary>The octets in segments of at most <paramref name="size"/>, with an empty segment in between.</summary>
    public static ReadOnlySequence<byte> Of(byte[] octets, int size)
    {
        if (octets.Length <= size)
        {
            return new ReadOnlySequence<byte>(octets);
        }

        var first = new Segment(octets.AsMemory(0, size), null);
        var last = first;
        for (var at = size; at < octets.Length; at += size)
        {
            last = new Segment(octets.AsMemory(at, 0), last);
            last = new Segment(octets.AsMemory(at, Math.Min(size, octets.Length - at)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}

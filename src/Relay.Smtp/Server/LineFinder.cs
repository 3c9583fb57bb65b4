using System.Buffers;

namespace Relay.Smtp.Server;

/// <summary>How the first line of the input ends.</summary>
internal enum LineEnd : byte
{
    /// <summary>Not yet.</summary>
    None,

    /// <summary>With CRLF.</summary>
    CrLf,

    /// <summary>With a CR or an LF alone, which ends no line.</summary>
    Bare,
}

/// <summary>Finds the end of a command line. Only CRLF ends one (RFC 5321 section 2.3.8).</summary>
internal static class LineFinder
{
    /// <summary>Looks for the first CR or LF.</summary>
    /// <param name="input">The input.</param>
    /// <param name="length">Octets before it, or all when there is none. A CR at the end of the input is not counted: its LF may
    /// come.</param>
    public static LineEnd Find(in ReadOnlySequence<byte> input, out long length)
    {
        var reader = new SequenceReader<byte>(input);
        if (!reader.TryAdvanceToAny("\r\n"u8, advancePastDelimiter: false))
        {
            length = input.Length;
            return LineEnd.None;
        }

        length = reader.Consumed;
        if (!reader.IsNext((byte)'\r', advancePast: true))
        {
            return LineEnd.Bare;
        }

        return reader.TryPeek(out var next) ? next == (byte)'\n' ? LineEnd.CrLf : LineEnd.Bare : LineEnd.None;
    }
}

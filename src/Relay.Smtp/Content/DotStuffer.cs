using System.Buffers;

namespace Relay.Smtp.Content;

/// <summary>Makes the octets behind <c>354</c> of a message's content: RFC 5321 section 4.5.2, dot-stuffing and the end of data.</summary>
/// <remarks>
/// Content is lines that end with CRLF; nothing but a dot behind the start or a CRLF is added, and no octet is changed or left out. State is
/// kept over calls, so pieces of any size give the same octets. A mutable struct: keep it in a field that is not readonly.
/// </remarks>
public struct DotStuffer
{
    private State _state;

    private enum State : byte
    {
        LineStart,
        InLine,
        AfterCarriageReturn,
    }

    /// <summary>Writes the next piece of content.</summary>
    /// <param name="content">Any number of octets.</param>
    /// <param name="output">Takes them, with dots doubled at the start of lines.</param>
    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (content.IsEmpty)
        {
            return;
        }

        if (_state == State.LineStart && content[0] == '.')
        {
            output.Write("."u8);
        }
        else if (_state == State.AfterCarriageReturn && content.StartsWith("\n."u8))
        {
            output.Write("\n."u8);
            content = content[1..];
        }

        _state = StateBehind(content);
        while (true)
        {
            var found = content.IndexOf("\r\n."u8);
            if (found < 0)
            {
                output.Write(content);
                return;
            }

            // The dot that is found is written here and stands first in the rest, so it goes out twice.
            output.Write(content[..(found + 3)]);
            content = content[(found + 2)..];
        }
    }

    /// <summary>Writes the end of data: <c>.CRLF</c>, with a CRLF before it when the content did not end with one. Starts anew.</summary>
    /// <param name="output">Takes 3 or 5 octets.</param>
    public void End(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(_state == State.LineStart ? ".\r\n"u8 : "\r\n.\r\n"u8);
        _state = State.LineStart;
    }

    /// <summary>The state behind a piece that is not empty.</summary>
    private readonly State StateBehind(ReadOnlySpan<byte> content)
    {
        if (content[^1] == '\r')
        {
            return State.AfterCarriageReturn;
        }

        var isLineEnd = content[^1] == '\n'
            && (content.Length > 1 ? content[^2] == '\r' : _state == State.AfterCarriageReturn);
        return isLineEnd ? State.LineStart : State.InLine;
    }
}

using System.Buffers;

namespace Relay.Smtp.Replies;

/// <summary>Reads the replies of a peer out of a byte stream that arrives in any pieces (RFC 5321 section 4.2).</summary>
/// <remarks>
/// Every octet is looked at once: what was given is taken into a small buffer of its own, so the caller keeps nothing. No string is made
/// unless <see cref="ToReply"/> is called, since most replies are only asked for their code. Not thread-safe.
/// </remarks>
public sealed class ReplyParser
{
    private const int BufferStart = 128;
    private const int CodeLength = 3;
    private const int TextStart = CodeLength + 1;

    private readonly ReplyLimits _limits;
    private byte[] _buffer = [];
    private int _lineStart;
    private bool _isComplete;

    /// <summary>Makes a parser that holds nothing.</summary>
    /// <param name="limits">The caps; <see cref="ReplyLimits.Default"/> when null.</param>
    public ReplyParser(ReplyLimits? limits = null) => _limits = limits ?? ReplyLimits.Default;

    /// <summary>The code of the reply that is held, 200 to 599; 0 before its first line has ended.</summary>
    public int Code { get; private set; }

    /// <summary>Lines of the reply so far.</summary>
    public int LineCount { get; private set; }

    /// <summary>What was wrong when <see cref="Advance"/> returned <see cref="ReplyParse.Malformed"/>.</summary>
    public ReplyFault Fault { get; private set; }

    /// <summary>True when some octets of a reply have arrived and its end has not.</summary>
    public bool IsPartial => BufferedOctets > 0 && !_isComplete;

    /// <summary>Octets held; never more than <see cref="ReplyLimits.OctetsMax"/>.</summary>
    public int BufferedOctets { get; private set; }

    /// <summary>Takes input up to the end of one reply. A complete reply that was held before is dropped first.</summary>
    /// <param name="input">Sliced to what was not taken: empty unless a reply is complete.</param>
    public ReplyParse Advance(ref ReadOnlySequence<byte> input)
    {
        if (_isComplete)
        {
            Drop();
        }

        var consumed = 0L;
        foreach (var memory in input)
        {
            var piece = memory.Span;
            while (!piece.IsEmpty && Fault == ReplyFault.None)
            {
                var lineEnd = piece.IndexOf((byte)'\n');
                var taken = lineEnd < 0 ? piece.Length : lineEnd + 1;
                consumed += taken;
                if (Take(piece[..taken]) && lineEnd >= 0 && EndLine())
                {
                    _isComplete = true;
                    input = input.Slice(consumed);
                    return ReplyParse.Complete;
                }

                piece = piece[taken..];
            }
        }

        input = input.Slice(input.End);
        return Fault == ReplyFault.None ? ReplyParse.NeedInput : ReplyParse.Malformed;
    }

    /// <summary>The text of the next line of a complete reply, as sent, without code and CRLF.</summary>
    /// <param name="position">0 for the first line; set to where the next one begins.</param>
    /// <param name="text">The octets, valid until the next call of <see cref="Advance"/>.</param>
    /// <returns>False behind the last line.</returns>
    public bool TryReadLine(ref int position, out ReadOnlySpan<byte> text)
    {
        if (!_isComplete || position >= BufferedOctets)
        {
            text = default;
            return false;
        }

        var rest = _buffer.AsSpan(position, BufferedOctets - position);
        var end = rest.IndexOf((byte)'\n');
        var line = rest[..(end - 1)];
        text = line.Length > CodeLength ? line[TextStart..] : default;
        position += end + 1;
        return true;
    }

    /// <summary>Makes a value of the complete reply. Control characters in its text are replaced, and it is cut to the cap.</summary>
    /// <exception cref="InvalidOperationException">No complete reply is held.</exception>
    public SmtpReply ToReply()
    {
        if (!_isComplete)
        {
            throw new InvalidOperationException("No complete reply is held.");
        }

        var position = 0;
        TryReadLine(ref position, out var text);
        var status = ReplyText.TakeStatus(ref text, Code / 100);
        if (LineCount == 1)
        {
            return new SmtpReply(Code, status, ReplyText.Clean(text, _limits.TextMax)) { IsHeard = true };
        }

        var lines = new List<string>(LineCount);
        var left = _limits.TextMax;
        do
        {
            if (lines.Count > 0)
            {
                // RFC 2034 section 4 repeats the status on every line; one that differs is text.
                text = ReplyText.WithoutStatus(text, status);
            }

            var line = ReplyText.Clean(text, left);
            left -= line.Length;
            lines.Add(line);
        }
        while (left > 0 && TryReadLine(ref position, out text));

        return new SmtpReply(Code, status, lines) { IsHeard = true };
    }

    /// <summary>Forgets everything, a fault too: for a stream that begins anew behind a TLS handshake.</summary>
    public void Reset()
    {
        Drop();
        Fault = ReplyFault.None;
    }

    private void Drop()
    {
        BufferedOctets = 0;
        _lineStart = 0;
        _isComplete = false;
        Code = 0;
        LineCount = 0;
    }

    /// <summary>Buffers the octets unless they exceed a cap.</summary>
    private bool Take(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _limits.LineMax - (BufferedOctets - _lineStart))
        {
            Fault = ReplyFault.LineTooLong;
            return false;
        }

        if (piece.Length > _limits.OctetsMax - BufferedOctets)
        {
            Fault = ReplyFault.TooLong;
            return false;
        }

        var needed = BufferedOctets + piece.Length;
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_limits.OctetsMax, Math.Max(Math.Max(BufferStart, needed), _buffer.Length * 2)));
        }

        piece.CopyTo(_buffer.AsSpan(BufferedOctets));
        BufferedOctets = needed;
        return true;
    }

    /// <summary>Checks the line that has just ended.</summary>
    /// <returns>True when it is the last of its reply.</returns>
    private bool EndLine()
    {
        var line = _buffer.AsSpan(_lineStart, BufferedOctets - _lineStart - 1);
        if (line.IsEmpty || line[^1] != '\r')
        {
            Fault = ReplyFault.BareLineFeed;
            return false;
        }

        line = line[..^1];
        if (!TryReadCode(line, out var code) || (line.Length > CodeLength && line[CodeLength] is not ((byte)' ' or (byte)'-')))
        {
            Fault = ReplyFault.Syntax;
            return false;
        }

        if (LineCount > 0 && code != Code)
        {
            Fault = ReplyFault.MixedCodes;
            return false;
        }

        Code = code;
        LineCount++;
        _lineStart = BufferedOctets;
        if (line.Length == CodeLength || line[CodeLength] == ' ')
        {
            return true;
        }

        if (LineCount >= _limits.LinesMax)
        {
            Fault = ReplyFault.TooManyLines;
        }

        return false;
    }

    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        if (line.Length < CodeLength || line[0] is < (byte)'2' or > (byte)'5' || !IsDigit(line[1]) || !IsDigit(line[2]))
        {
            code = 0;
            return false;
        }

        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        return true;
    }

    private static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';
}

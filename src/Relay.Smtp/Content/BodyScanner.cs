using System.Buffers;

namespace Relay.Smtp.Content;

/// <summary>
/// Follows the octets of DATA or BDAT: finds the end of data, takes stuffed dots out, and sees bare CR, bare LF, NUL and long lines.
/// </summary>
/// <remarks>
/// Works on any split of the stream and copies nothing: content is always a slice of the block at hand. Only a dot at the start of a line
/// and the CR behind it are held back, and neither is ever content when the data ends well. Only CRLF.CRLF ends data (RFC 5321 section
/// 4.1.1.4). A mutable struct: it lives in its dialogue, so that an idle connection costs nothing for it.
/// </remarks>
internal struct BodyScanner
{
    // Everything between two of these passes unseen, at the speed of a vectorised search.
    private static readonly SearchValues<byte> Special = SearchValues.Create("\r\n\0"u8);

    private readonly int _lineMax;
    private readonly bool _hasDots;
    private Position _position;
    private int _lineLength;

    /// <summary>Starts at the first octet of a message.</summary>
    /// <param name="lineMax">Content line in octets without CRLF.</param>
    /// <param name="hasDots">True for DATA: dots are stuffed and one ends the data. False for BDAT.</param>
    public BodyScanner(int lineMax, bool hasDots)
    {
        _lineMax = lineMax;
        _hasDots = hasDots;
        _position = Position.LineStart;
        _lineLength = 0;
        Fault = BodyFault.None;
    }

    private enum Position : byte
    {
        LineStart,
        AfterDot,
        AfterDotCr,
        InLine,
        AfterCr,
    }

    /// <summary>The gravest of LongLine and BadOctet seen so far.</summary>
    public BodyFault Fault { get; private set; }

    /// <summary>Scans the next block. Call again with what was not consumed.</summary>
    /// <param name="block">Octets as received.</param>
    /// <param name="start">Where the content begins.</param>
    /// <param name="length">Octets of content; may be 0.</param>
    /// <param name="consumed">Octets of the block that are done with.</param>
    /// <returns>True when the end of data was consumed.</returns>
    public bool Scan(ReadOnlySpan<byte> block, out int start, out int length, out int consumed)
    {
        start = 0;
        length = 0;
        consumed = 0;
        if (_hasDots && _position <= Position.AfterDotCr && TakeDots(block, ref start))
        {
            consumed = start;
            return true;
        }

        consumed = start;
        if (_position <= Position.AfterDotCr && start == block.Length)
        {
            return false; // a dot is held back
        }

        consumed = ScanContent(block, start);
        length = consumed - start;
        return false;
    }

    /// <summary>The last chunk of BDAT is over: a CR still waiting for its LF is bare.</summary>
    public void EndChunks()
    {
        if (_position == Position.AfterCr)
        {
            Raise(BodyFault.BadOctet);
        }
    }

    // Takes what follows a line end and is no content; true when it was the end of data.
    private bool TakeDots(ReadOnlySpan<byte> block, ref int at)
    {
        if (_position == Position.LineStart && at < block.Length && block[at] == (byte)'.')
        {
            _position = Position.AfterDot;
            at++;
        }

        if (_position == Position.AfterDot && at < block.Length)
        {
            _position = block[at] == (byte)'\r' ? Position.AfterDotCr : Position.InLine;
            at += _position == Position.AfterDotCr ? 1 : 0;
        }

        if (_position == Position.AfterDotCr && at < block.Length)
        {
            if (block[at] == (byte)'\n')
            {
                at++;
                _position = Position.LineStart;
                return true;
            }

            Raise(BodyFault.BadOctet);
            _position = Position.InLine;
        }

        return false;
    }

    // Goes on to the end of the block, or to a dot at the start of a line.
    private int ScanContent(ReadOnlySpan<byte> block, int at)
    {
        while (at < block.Length)
        {
            if (_position == Position.AfterCr)
            {
                if (block[at] == (byte)'\n')
                {
                    at++;
                    EndLine();
                    if (_hasDots && at < block.Length && block[at] == (byte)'.')
                    {
                        break;
                    }

                    continue;
                }

                Raise(BodyFault.BadOctet);
            }

            var rest = block[at..];
            var run = rest.IndexOfAny(Special);
            _position = Position.InLine;
            if (run < 0)
            {
                _lineLength += rest.Length;
                at = block.Length;
                break;
            }

            _lineLength += run;
            at += run + 1;
            if (rest[run] == (byte)'\r')
            {
                _position = Position.AfterCr;
            }
            else
            {
                Raise(BodyFault.BadOctet);
            }
        }

        CheckLine();
        return at;
    }

    private void EndLine()
    {
        CheckLine();
        _lineLength = 0;
        _position = Position.LineStart;
    }

    private void CheckLine()
    {
        if (_lineLength > _lineMax)
        {
            _lineLength = _lineMax + 1; // an endless line must not overflow the count
            Raise(BodyFault.LongLine);
        }
    }

    private void Raise(BodyFault fault)
    {
        if (fault > Fault)
        {
            Fault = fault;
        }
    }
}

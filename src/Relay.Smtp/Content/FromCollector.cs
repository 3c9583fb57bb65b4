using System.Buffers;

namespace Relay.Smtp.Content;

/// <summary>Keeps the From fields of a message while its content passes, on any split of it.</summary>
/// <remarks>
/// More lenient than a reader should be: it goes on behind lines that are no fields, up to the first empty line, because some readers do. What
/// it keeps is bounded by <see cref="OctetsMax"/>.
/// </remarks>
public sealed class FromCollector
{
    /// <summary>Most octets of all From fields together that are kept: 16 KiB.</summary>
    public const int OctetsMax = 16 << 10;

    private readonly List<byte> _fields = [];
    private int _matched;
    private bool _wasFrom;
    private bool _wasName;
    private bool _isCut;
    private Position _position;

    private enum Position : byte
    {
        LineStart,
        InName,
        AfterName,
        InOther,
        InFrom,
        Done,
    }

    private static ReadOnlySpan<byte> Name => "from"u8;

    // Some readers pass over it wherever it stands, and no name of a field has octets of it.
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Follows the next octets of content, dots unstuffed.</summary>
    public void Scan(in ReadOnlySequence<byte> content)
    {
        foreach (var segment in content)
        {
            Scan(segment.Span);
        }
    }

    /// <summary>Follows the next octets of content, dots unstuffed.</summary>
    public void Scan(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty && _position != Position.Done)
        {
            if (_position is Position.InFrom or Position.InOther)
            {
                var end = content.IndexOf((byte)'\n');
                var line = end < 0 ? content : content[..(end + 1)];
                if (_position == Position.InFrom)
                {
                    Keep(line.TrimEnd("\r\n"u8));
                }

                content = content[line.Length..];
                _wasFrom = _position == Position.InFrom;
                _wasName = false;
                _position = end < 0 ? _position : Position.LineStart;
            }
            else
            {
                TakeOctet(content[0]);
                content = content[1..];
            }
        }
    }

    /// <summary>What the From fields can be read to name; null when they are longer than is kept, and so may name any.</summary>
    public FromNames? FindDomains() => _isCut ? null : FromDomains.Find([.. _fields]);

    private void TakeOctet(byte octet)
    {
        if (_position == Position.LineStart)
        {
            _matched = 0;
            if (octet == (byte)'\n')
            {
                _position = Position.Done;
                return;
            }

            if (octet is (byte)' ' or (byte)'\t' && _wasName)
            {
                // Readers that unfold first see a name whose colon is on the next line.
                _matched = Name.Length;
                _position = Position.AfterName;
                return;
            }

            if (octet is (byte)' ' or (byte)'\t')
            {
                _position = _wasFrom ? Position.InFrom : Position.InOther;
                Keep(_wasFrom ? " "u8 : []);
                return;
            }

            if (octet == (byte)'\r')
            {
                return; // the line is empty when its LF comes next
            }

            _position = Position.InName;
        }

        if (octet == (byte)'\n')
        {
            _wasFrom = false;
            _wasName = _matched == Name.Length && _position is Position.InName or Position.AfterName;
            _position = Position.LineStart;
        }
        else if (_position == Position.InName && _matched == 0 && ByteOrderMark.Contains(octet))
        {
            return;
        }
        else if (octet == (byte)':')
        {
            _position = _matched == Name.Length ? Position.InFrom : Position.InOther;
            Keep(_position == Position.InFrom ? [FromDomains.FieldEnd] : []);
        }
        else if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' && _matched == Name.Length)
        {
            _position = Position.AfterName; // blanks before the colon are the obsolete form
        }
        else if (_position == Position.InName && _matched < Name.Length && (octet | 0x20) == Name[_matched])
        {
            _matched++;
        }
        else
        {
            _position = Position.InOther;
        }
    }

    private void Keep(ReadOnlySpan<byte> line)
    {
        var room = OctetsMax - _fields.Count;
        _isCut |= line.Length > room;
        _fields.AddRange(line[..Math.Min(room, line.Length)]);
    }
}

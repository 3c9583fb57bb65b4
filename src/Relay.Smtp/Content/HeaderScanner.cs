namespace Relay.Smtp.Content;

/// <summary>Counts octets, fields and Received fields of the header section of a message, on any split of the content.</summary>
/// <remarks>
/// The section ends at the empty line, or at the first line that is neither a field nor a continuation (RFC 5322 section 2.2).
/// A mutable struct that lives in its dialogue.
/// </remarks>
internal struct HeaderScanner
{
    private Position _position;
    private int _nameLength;
    private bool _isReceived;

    private enum Position : byte
    {
        LineStart,
        InName,
        AfterName,
        InValue,
        Done,
    }

    private static ReadOnlySpan<byte> ReceivedName => "received"u8;

    /// <summary>The section is over: nothing more is counted.</summary>
    public readonly bool IsDone => _position == Position.Done;

    /// <summary>Octets of the section so far, line ends included.</summary>
    public int Octets { get; private set; }

    /// <summary>Fields so far.</summary>
    public int Fields { get; private set; }

    /// <summary>Received fields so far: the hops of RFC 5321 section 6.3.</summary>
    public int Hops { get; private set; }

    /// <summary>The very first octet is white space, which continues whatever field stands before it (RFC 5322 section 2.2.3).</summary>
    public bool BeginsWithBlank { get; private set; }

    /// <summary>Follows the next octets of content.</summary>
    public void Scan(ReadOnlySpan<byte> content)
    {
        var at = 0;
        while (at < content.Length && !IsDone)
        {
            if (_position == Position.InValue)
            {
                var end = content[at..].IndexOf((byte)'\n');
                if (end < 0)
                {
                    at = content.Length;
                    break;
                }

                at += end + 1;
                _position = Position.LineStart;
            }
            else
            {
                TakeOctet(content[at]);
                at += IsDone ? 0 : 1;
            }
        }

        Octets += at;
    }

    private void TakeOctet(byte octet)
    {
        if (_position == Position.LineStart)
        {
            if (Fields > 0 && IsBlank(octet))
            {
                _position = Position.InValue;
                return;
            }

            BeginsWithBlank = Fields == 0 && IsBlank(octet);
            _nameLength = 0;
            _isReceived = true;
            _position = Position.InName;
        }

        if (octet == (byte)':' && _nameLength > 0)
        {
            Fields++;
            Hops += _isReceived && _nameLength == ReceivedName.Length ? 1 : 0;
            _position = Position.InValue;
        }
        else if (IsBlank(octet) && _nameLength > 0)
        {
            _position = Position.AfterName; // blanks before the colon are the obsolete form
        }
        else if (_position == Position.InName && octet is > (byte)' ' and < 0x7F and not (byte)':')
        {
            _isReceived = _isReceived && _nameLength < ReceivedName.Length && (octet | 0x20) == ReceivedName[_nameLength];
            _nameLength++;
        }
        else
        {
            _position = Position.Done;
        }
    }

    private static bool IsBlank(byte octet) => octet is (byte)' ' or (byte)'\t';
}

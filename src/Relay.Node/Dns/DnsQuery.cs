using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Node.Dns;

/// <summary>One question as it is sent, and what of that comes back tells its answer from anything else (RFC 5452 section 9.1). Pure.</summary>
internal sealed class DnsQuery
{
    /// <summary>Octets of an answer over UDP that we ask for. Default 1,232: what passes every network in one piece; longer answers come over TCP.</summary>
    public const int DatagramSize = 1_232;

    private const int HeaderLength = 12;
    private const int LabelMax = 63;
    private const int NameMax = 255;
    private const int ClassInternet = 1;
    private const int TypeOptions = 41;

    private readonly byte[] _bytes;
    private readonly int _questionEnd;

    private DnsQuery(byte[] bytes, int questionEnd)
    {
        _bytes = bytes;
        _questionEnd = questionEnd;
    }

    /// <summary>The question as it is sent over UDP.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Writes a question.</summary>
    /// <param name="name">Labels with dots between them, without a final dot; empty for the root.</param>
    /// <param name="type">The records that are wanted.</param>
    /// <param name="id">What the answer must repeat: a number that nobody can guess.</param>
    /// <param name="withOptions">False for servers that do not know EDNS (RFC 6891).</param>
    /// <param name="query">The question.</param>
    /// <returns>False when no question can be asked for such a name.</returns>
    public static bool TryCreate(string name, QueryType type, ushort id, bool withOptions, [NotNullWhen(true)] out DnsQuery? query)
    {
        query = null;
        Span<byte> bytes = stackalloc byte[HeaderLength + NameMax + 4 + 11];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, id);
        bytes[2] = 0x01; // recursion desired
        bytes[5] = 1;
        if (!TryWriteName(name, bytes.Slice(HeaderLength, NameMax), out var length))
        {
            return false;
        }

        var at = HeaderLength + length;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(at + 2)..], ClassInternet);
        var end = at + 4;
        if (!withOptions)
        {
            query = new DnsQuery(bytes[..end].ToArray(), end);
            return true;
        }

        bytes[11] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(end + 1)..], TypeOptions);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(end + 3)..], DatagramSize);
        query = new DnsQuery(bytes[..(end + 11)].ToArray(), end);
        return true;
    }

    /// <summary>True for a message that says it is the answer: a response with the question's id and the question itself, in whatever case.</summary>
    public bool IsAnsweredBy(ReadOnlySpan<byte> message) =>
        message.Length >= _questionEnd
        && message[..2].SequenceEqual(_bytes.AsSpan(0, 2))
        && (message[2] & 0xF8) == 0x80 // a response to a plain question
        && message[4] == 0
        && message[5] == 1
        && Ascii.EqualsIgnoreCase(message[HeaderLength.._questionEnd], _bytes.AsSpan(HeaderLength, _questionEnd - HeaderLength));

    /// <summary>True for an answer that is cut off.</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> answer) => (answer[2] & 0x02) != 0;

    private static bool TryWriteName(string name, Span<byte> to, out int length)
    {
        length = 0;
        foreach (var range in name.Length == 0 ? default : name.AsSpan().Split('.'))
        {
            var label = name.AsSpan()[range];
            // A backslash is how names are written that have other octets in them: nobody's mail depends on one.
            if (label.Length is 0 or > LabelMax || label.ContainsAnyExceptInRange('!', '~') || label.Contains('\\') || length + label.Length + 2 > to.Length)
            {
                return false;
            }

            to[length] = (byte)label.Length;
            length += 1 + Encoding.ASCII.GetBytes(label, to[(length + 1)..]);
        }

        to[length++] = 0;
        return true;
    }
}

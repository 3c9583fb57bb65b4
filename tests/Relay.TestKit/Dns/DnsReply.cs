using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.TestKit.Dns;

/// <summary>The types of records that a stub name server knows.</summary>
public enum DnsType : ushort
{
    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>An alias.</summary>
    Cname = 5,

    /// <summary>The start of a zone, with the time that "nothing" holds.</summary>
    Soa = 6,

    /// <summary>A host name of an address: PTR.</summary>
    ReverseName = 12,

    /// <summary>A mail exchanger.</summary>
    Mx = 15,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>Whatever is asked for.</summary>
    Any = 255,
}

/// <summary>One record.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data as on the wire.</param>
public sealed record DnsRecord(string Name, DnsType Type, byte[] Data)
{
    /// <summary>How long it holds, in seconds.</summary>
    public uint Ttl { get; init; } = 300;

    /// <summary>A mail exchanger.</summary>
    public static DnsRecord Mx(string name, ushort preference, string host) =>
        new(name, DnsType.Mx, [(byte)(preference >> 8), (byte)preference, .. NameBytes(host)]);

    /// <summary>An address of either family.</summary>
    public static DnsRecord Address(string name, IPAddress address) =>
        new(name, address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, address.GetAddressBytes());

    /// <summary>An alias.</summary>
    public static DnsRecord Alias(string name, string target) => new(name, DnsType.Cname, NameBytes(target));

    /// <summary>A host name of an address: PTR.</summary>
    public static DnsRecord HostName(string name, string target) => new(name, DnsType.ReverseName, NameBytes(target));

    /// <summary>The start of a zone.</summary>
    /// <param name="name">The zone.</param>
    /// <param name="negativeTtl">How long "nothing" holds, in seconds.</param>
    public static DnsRecord Soa(string name, uint negativeTtl)
    {
        var numbers = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(16), negativeTtl);
        return new(name, DnsType.Soa, [.. NameBytes("ns." + name), .. NameBytes("root." + name), .. numbers]);
    }

    internal byte[] ToBytes()
    {
        var numbers = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(numbers, (ushort)Type);
        numbers[3] = 1; // the Internet
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(4), Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(numbers.AsSpan(8), (ushort)Data.Length);
        return [.. NameBytes(Name), .. numbers, .. Data];
    }

    private static byte[] NameBytes(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}

/// <summary>What a stub name server says to a question.</summary>
public sealed class DnsReply
{
    private readonly Func<byte[], byte[]?> _write;

    private DnsReply(Func<byte[], byte[]?> write)
    {
        _write = write;
    }

    /// <summary>Says nothing at all.</summary>
    public static readonly DnsReply Silence = new(_ => null);

    /// <summary>Says that the rest comes over TCP, where nobody listens but by <see cref="StubNameServer.SetOverTcp"/>.</summary>
    public static readonly DnsReply Truncated = Raw(head =>
    {
        head[2] |= 0x02;
        return head;
    });

    /// <summary>Answers with records; with none the name exists all the same.</summary>
    public static DnsReply Of(params DnsRecord[] answers) => Of(0, answers, []);

    /// <summary>Answers with an error of RFC 1035 section 4.1.1: 2 server failure, 3 no such name, 5 refused.</summary>
    public static DnsReply Code(byte code) => Of(code, [], []);

    /// <summary>Answers with records of both sections.</summary>
    public static DnsReply Of(byte code, DnsRecord[] answers, DnsRecord[] authorities) => Raw(head =>
    {
        head[3] |= code;
        head[7] = (byte)answers.Length;
        head[9] = (byte)authorities.Length;
        return [.. head, .. answers.Concat(authorities).SelectMany(record => record.ToBytes())];
    });

    /// <summary>Answers with what is made of the header and the question of a good answer.</summary>
    public static DnsReply Raw(Func<byte[], byte[]> write) => new(write);

    /// <summary>Says what is chosen by the query's octets.</summary>
    public static DnsReply ByQuery(Func<byte[], DnsReply> choose) => new(query => query)
    {
        Choose = choose,
    };

    /// <summary>Says the same with other octets in it.</summary>
    public DnsReply Edited(Action<byte[]> edit) => new(head =>
    {
        var answer = _write(head);
        edit(answer!);
        return answer;
    });

    /// <summary>Says the same, but only when it is let go.</summary>
    public DnsReply After(Task release) => new(_write) { Release = release, Earlier = Earlier, IsFromElsewhere = IsFromElsewhere };

    /// <summary>Says the same, and something else before it.</summary>
    public DnsReply After(params DnsReply[] earlier) => new(_write) { Release = Release, Earlier = earlier, IsFromElsewhere = IsFromElsewhere };

    /// <summary>The same, from a socket that nobody has asked.</summary>
    public DnsReply FromElsewhere() => new(_write) { Release = Release, Earlier = Earlier, IsFromElsewhere = true };

    // Until then the answer is held back.
    internal Task Release { get; private init; } = Task.CompletedTask;

    internal IReadOnlyList<DnsReply> Earlier { get; private init; } = [];

    internal bool IsFromElsewhere { get; private init; }

    private Func<byte[], DnsReply>? Choose { get; init; }

    // The query's own header and question, made into an answer.
    internal byte[]? Write(byte[] query, int length)
    {
        if (Choose is not null)
        {
            return Choose(query).Write(query, length);
        }

        var head = query[..length];
        head[2] = 0x81; // a response, recursion desired
        head[3] = 0x80;
        head.AsSpan(6, 6).Clear();
        return _write(head);
    }
}

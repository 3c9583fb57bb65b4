using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Relay.Node.Encryption;

namespace Relay.Node.Tests.Encryption;

public sealed class ClientHelloTests
{
    private const ushort X25519 = 29;
    private const ushort P256 = 23;
    private const ushort Unknown = 0x0A0A;
    private const ushort Ffdhe2048 = 0x0100;
    private const ushort Ffdhe8192 = 0x0104;

    [Theory]
    [InlineData(new ushort[] { X25519, P256 }, new ushort[] { X25519 }, true)]
    [InlineData(new ushort[] { Unknown, X25519, Ffdhe2048, Ffdhe8192 }, new ushort[] { Unknown, X25519 }, true)]
    [InlineData(new ushort[] { X25519 }, new ushort[0], true)]
    [InlineData(new ushort[] { Ffdhe8192 }, new ushort[] { Ffdhe8192 }, false)]
    [InlineData(new ushort[] { Ffdhe2048 }, new ushort[0], false)]
    [InlineData(new ushort[] { Unknown, Ffdhe8192 }, new ushort[0], false)]
    [InlineData(new ushort[] { X25519, Ffdhe8192 }, new ushort[] { Ffdhe8192 }, false)]
    [InlineData(new ushort[] { X25519, Ffdhe8192 }, new ushort[] { Ffdhe8192, X25519 }, false)]
    [InlineData(new ushort[] { X25519, Ffdhe8192 }, new ushort[] { X25519, Ffdhe8192 }, false)]
    public void Nothing_makes_us_compute_over_a_finite_field(ushort[] groups, ushort[] shares, bool isSound)
    {
        var hello = Hello(Extension(10, Vector(2, Numbers(groups))), Extension(51, Vector(2, Shares(shares))));
        Assert.Equal(isSound ? HelloFinding.Sound : HelloFinding.FiniteField, Look(hello));
    }

    [Fact]
    public void A_second_extension_of_the_same_kind_hides_nothing()
    {
        var hello = Hello(
            Extension(51, Vector(2, Shares([X25519]))), Extension(51, Vector(2, Shares([Ffdhe8192]))), Extension(10, Vector(2, Numbers([X25519]))));
        Assert.Equal(HelloFinding.FiniteField, Look(hello));
    }

    [Fact]
    public void A_hello_without_extensions_is_left_to_TLS_to_answer() => Assert.Equal(HelloFinding.Sound, Look(Record(Message([]))));

    [Fact]
    public void A_hello_is_awaited_to_its_last_octet_and_looks_the_same_in_pieces()
    {
        var hello = Hello(Extension(10, Vector(2, Numbers([X25519]))), Extension(51, Vector(2, Shares([X25519]))));
        for (var length = 0; length < hello.Length; length++)
        {
            Assert.Equal(HelloFinding.Incomplete, Look(hello[..length]));
        }

        Assert.Equal(HelloFinding.Sound, Look(hello));
        Assert.Equal(HelloFinding.Sound, Look([.. hello, 1, 2, 3]));
    }

    [Theory]
    [InlineData("EHLO injected\r\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\x16EHLO")]
    public void Plaintext_is_no_hello(string text) => Assert.Equal(HelloFinding.NotTls, Look(System.Text.Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void A_hello_in_two_records_could_be_read_in_two_ways()
    {
        var message = Message(Vector(2, Extension(10, Vector(2, Numbers([X25519])))));
        Assert.Equal(HelloFinding.NotTls, Look([.. Record(message[..40]), .. Record(message[40..])]));
    }

    [Fact]
    public void A_record_that_is_too_large_is_not_awaited() => Assert.Equal(HelloFinding.NotTls, Look([22, 3, 1, 0x40, 0x01]));

    [Fact]
    public void Whatever_comes_there_is_a_finding() => Gen.Byte.Array[0, 200].Sample(octets =>
    {
        _ = Look(octets);
        _ = Look(Record(octets));
        _ = Look(Record(Message(octets)));
    });

    private static HelloFinding Look(byte[] octets) => ClientHello.Look(new ReadOnlySequence<byte>(octets));

    private static byte[] Hello(params byte[][] extensions) => Record(Message(Vector(2, [.. extensions.SelectMany(extension => extension)])));

    private static byte[] Record(byte[] message) => [22, 3, 1, .. Vector(2, message)];

    private static byte[] Message(byte[] extensions) =>
        [1, .. Vector(3, [3, 3, .. new byte[32], .. Vector(1, []), .. Vector(2, [0x13, 0x02]), .. Vector(1, [0]), .. extensions])];

    private static byte[] Extension(ushort type, byte[] body) => [.. Number(type), .. Vector(2, body)];

    private static byte[] Shares(ushort[] groups) => [.. groups.SelectMany(group => (byte[])[.. Number(group), .. Vector(2, [1, 2, 3])])];

    private static byte[] Numbers(ushort[] numbers) => [.. numbers.SelectMany(Number)];

    private static byte[] Number(ushort number)
    {
        var octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, number);
        return octets;
    }

    private static byte[] Vector(int lengthOctets, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length[(4 - lengthOctets)..], .. content];
    }
}

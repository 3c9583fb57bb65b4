using System.Net;
using System.Text;
using CsCheck;
using Relay.Node.Listeners.Proxy;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Listeners.Proxy;

public sealed class ProxyHeaderTests
{
    private const string Client = "203.0.113.7";

    private static readonly Gen<byte[]> Sound = Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Int[0, 6], Gen.Byte.Array[0, 40]).Select((four, sixteen, kind, noise) => kind switch
    {
        0 => ProxyHeaders.V1(new IPAddress(four)),
        1 => ProxyHeaders.V1(new IPAddress(sixteen)),
        2 => ProxyHeaders.V1Unknown(),
        3 => ProxyHeaders.V2Local(),
        4 => ProxyHeaders.V2(new IPAddress(four), ProxyHeaders.Tlv(4, noise)),
        5 => ProxyHeaders.V2(new IPAddress(sixteen)),
        _ => ProxyHeaders.Checked(new IPAddress(sixteen), ProxyHeaders.Tlv(0x20, noise)),
    });

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 25\r\n", Client)]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 0 65535\r\n", Client)]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n", "2001:db8::7")]
    [InlineData("PROXY TCP6 2001:0DB8:0:0:0:0:0:0007 ::1 40000 25\r\n", "2001:db8::7")]
    [InlineData("PROXY TCP6 ::ffff:203.0.113.7 ::ffff:192.0.2.1 40000 25\r\n", Client)]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff::ffff \r whatever 65535\r\n", null)]
    public void A_line_tells_the_client(string line, string? client)
    {
        Assert.Equal((ProxyHeaderState.Complete, line.Length, client), Read(Encoding.ASCII.GetBytes(line + "EHLO x\r\n")));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 25 \r\n")]
    [InlineData("PROXY TCP4  203.0.113.7 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 025\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 65536 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 -1 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 +1 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113.07 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP4 0x7f.0.0.1 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP4 2130706433 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::1 40000 25\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 2001:db8::1 40000 25\r\n")]
    [InlineData("PROXY TCP6 203.0.113.7 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY TCP6 fe80::1%1 ::1 40000 25\r\n")]
    [InlineData("PROXY TCP6 [::1] ::1 40000 25\r\n")]
    [InlineData("PROXY TCP6 [::1]:25 ::1 40000 25\r\n")]
    [InlineData("PROXY UDP4 203.0.113.7 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY tcp4 203.0.113.7 192.0.2.1 40000 25\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 25\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 25\rEHLO x\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 40000 \u0662\u0665\r\n")]
    public void A_line_that_breaks_the_protocol_is_none(string line) =>
        Assert.Equal(ProxyHeaderState.Malformed, Read(Encoding.UTF8.GetBytes(line)).State);

    [Fact]
    public void A_line_has_107_octets_and_not_one_more()
    {
        var longest = "PROXY UNKNOWN ".PadRight(ProxyHeaderV1.OctetsMax - 2, 'x') + "\r\n";
        Assert.Equal((ProxyHeaderState.Complete, 107, (string?)null), Read(Encoding.ASCII.GetBytes(longest)));
        Assert.Equal(ProxyHeaderState.Malformed, Read(Encoding.ASCII.GetBytes(longest.Insert(20, "x"))).State);
        Assert.Equal(ProxyHeaderState.Incomplete, Read(Encoding.ASCII.GetBytes(longest)[..106]).State);
        Assert.Equal(ProxyHeaderState.Malformed, Read(Encoding.ASCII.GetBytes("PROXY UNKNOWN ".PadRight(107, 'x'))).State);
    }

    [Theory]
    [InlineData("EHLO x\r\n")]
    [InlineData("\r\n\r\nQUIT\r\n")]
    [InlineData("PROXYTCP4 203.0.113.7 192.0.2.1 40000 25\r\n")]
    [InlineData(" PROXY UNKNOWN\r\n")]
    [InlineData("proxy UNKNOWN\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\r\n\r\n\0\r\nQUIT\r\n")]
    public void Anything_else_is_no_header(string start) => Assert.Equal(ProxyHeaderState.Missing, Read(Encoding.Latin1.GetBytes(start)).State);

    [Theory]
    [InlineData(Client, Client)]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("::ffff:203.0.113.7", Client)]
    public void A_binary_header_tells_the_client_and_what_else_it_says_is_passed_over(string said, string client)
    {
        foreach (var header in (byte[][])
        [
            ProxyHeaders.V2(IPAddress.Parse(said)),
            ProxyHeaders.V2(IPAddress.Parse(said), ProxyHeaders.Tlv(1, "smtp"u8.ToArray()), ProxyHeaders.Tlv(4), ProxyHeaders.Tlv(0xEA, 1, 2, 3)),
            ProxyHeaders.Checked(IPAddress.Parse(said), ProxyHeaders.Tlv(4, 0, 0)),
        ])
        {
            Assert.Equal((ProxyHeaderState.Complete, header.Length, client), Read([.. header, .. "EHLO x\r\n"u8]));
        }
    }

    [Fact]
    public void A_balancer_may_speak_for_itself_or_for_somebody_without_an_address()
    {
        foreach (var header in (byte[][])
        [
            ProxyHeaders.V2Local(),
            ProxyHeaders.V2(0x20, 0x11, new byte[12]),
            ProxyHeaders.V2(0x20, 0xFF, [1, 2, 3]), // LOCAL: whatever stands there is not looked at
            ProxyHeaders.V2(0x21, 0, []),
            ProxyHeaders.V2(0x21, 0, [1, 2, 3]),
            ProxyHeaders.V2(0x21, 0x31, new byte[216]),
        ])
        {
            Assert.Equal((ProxyHeaderState.Complete, header.Length, (string?)null), Read([.. header, 1]));
        }
    }

    [Fact]
    public void A_binary_header_that_breaks_the_protocol_is_none()
    {
        var client = IPAddress.Parse(Client);
        byte[][] broken =
        [
            ProxyHeaders.V2(0x11, 0x11, new byte[12]), // version 1
            ProxyHeaders.V2(0x22, 0x11, new byte[12]), // no such command
            ProxyHeaders.V2(0x21, 0x12, new byte[12]), // datagrams
            ProxyHeaders.V2(0x21, 0x10, new byte[12]),
            ProxyHeaders.V2(0x21, 0x41, new byte[36]),
            ProxyHeaders.V2(0x21, 0x11, new byte[11]),
            ProxyHeaders.V2(0x21, 0x21, new byte[35]),
            ProxyHeaders.V2(0x21, 0x31, new byte[215]),
            ProxyHeaders.V2(client, [4]), // half a TLV
            ProxyHeaders.V2(client, [4, 0]),
            ProxyHeaders.V2(client, [4, 0, 1]),
            ProxyHeaders.V2(client, [4, 0xFF, 0xFF, 1]),
            ProxyHeaders.V2(client, ProxyHeaders.Tlv(ProxyHeaders.ChecksumType, 0, 0, 0)),
            ProxyHeaders.V2(client, ProxyHeaders.Tlv(ProxyHeaders.ChecksumType, 0, 0, 0, 0)),
            [.. ProxyHeaders.V2(client)[..14], 0xFF, 0xFF],
            [.. ProxyHeaders.V2Local()[..14], 0x0F, 0xF1], // one octet over the bound
        ];
        Assert.All(broken, header => Assert.Equal(ProxyHeaderState.Malformed, Read(header).State));
        Assert.Equal(ProxyHeaderState.Incomplete, Read([.. ProxyHeaders.V2Local()[..14], 0x0F, 0xF0]).State);
    }

    [Fact]
    public void A_checksum_covers_every_octet()
    {
        var header = ProxyHeaders.Checked(IPAddress.Parse(Client), ProxyHeaders.Tlv(4, 7, 7));
        var type = header.Length - 7; // of the checksum: with another one there is none
        for (var at = 16; at < header.Length; at += at == type - 1 ? 2 : 1)
        {
            var flipped = header.ToArray();
            flipped[at] ^= 0x80;
            Assert.Equal((at, ProxyHeaderState.Malformed), (at, Read(flipped).State));
        }

        byte[] twice = [.. header[16..], .. header[^7..]];
        Assert.Equal(ProxyHeaderState.Malformed, Read(ProxyHeaders.V2(0x21, 0x11, twice)).State);
    }

    [Fact]
    public void A_header_is_awaited_to_its_last_octet_and_takes_nothing_of_what_follows() =>
        Gen.Select(Sound, Gen.Byte.Array[0, 50]).Sample(
            (header, rest) =>
            {
                for (var length = 0; length < header.Length; length++)
                {
                    Assert.Equal(ProxyHeaderState.Incomplete, Read(header[..length]).State);
                }

                var whole = Read(header);
                Assert.Equal((ProxyHeaderState.Complete, header.Length), (whole.State, whole.Length));
                Assert.Equal(whole, Read([.. header, .. rest]));
            },
            iter: 2_000);

    [Fact]
    public void Nothing_that_is_sent_breaks_the_reader() =>
        Gen.Select(Sound, Gen.Select(Gen.Int[0, 200], Gen.Byte).Array[0, 4], Gen.Byte.Array[0, 30]).Sample(
            (header, edits, rest) =>
            {
                byte[] input = [.. header, .. rest];
                foreach (var (at, value) in edits)
                {
                    input[at % input.Length] = value;
                }

                var (state, length, client) = Read(input);
                Assert.Equal(state == ProxyHeaderState.Complete, length > 0);
                Assert.InRange(length, 0, input.Length);
                if (state != ProxyHeaderState.Complete)
                {
                    Assert.Null(client);
                }
            },
            iter: 50_000);

    private static (ProxyHeaderState State, int Length, string? Client) Read(byte[] start)
    {
        var state = ProxyHeaderReader.Read(start, out var header);
        return (state, header.Length, header.Client?.ToString());
    }
}

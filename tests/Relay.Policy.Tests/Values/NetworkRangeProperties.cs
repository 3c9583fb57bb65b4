using System.Globalization;
using System.Net;
using CsCheck;
using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

/// <summary>Compares ranges with what a naive reader of their text would say.</summary>
public sealed class NetworkRangeProperties
{
    private static readonly Gen<string> CanonicalIPv4 = Gen.Select(Gen.UInt, Gen.Int[0, 32], (bits, prefix) =>
    {
        var network = prefix == 0 ? 0 : bits & (uint.MaxValue << (32 - prefix));
        var octets = string.Join('.', new[] { 24, 16, 8, 0 }.Select(shift => (network >> shift) & 255));
        return string.Create(CultureInfo.InvariantCulture, $"{octets}/{prefix}");
    });

    /// <summary>Texts near to valid ones: one to three edits with the characters that matter.</summary>
    private static readonly Gen<string> NearlyIPv4 = Gen.Select(
        CanonicalIPv4, Gen.Select(Gen.Int[0, 20], Gen.Int[0, 2], Gen.OneOf("0123456789./ x:-+,".ToCharArray())).Array[1, 3], Edit);

    [Fact]
    public void IPv4_range_holds_exactly_what_its_text_says()
    {
        Gen.Select(CanonicalIPv4, Gen.UInt, Gen.Int[0, 32]).Sample((text, random, flip) =>
        {
            Assert.True(NetworkRange.TryParse(text, out var range, out var error), error);
            var (network, prefix) = ReadNaively(text)!.Value;
            var hosts = ~MaskOf(prefix);
            var flipped = flip == 32 ? network : network ^ (1u << flip);
            uint[] probes = [network, network - 1, random, flipped, network | (random & hosts), network + hosts, network + hosts + 1];
            foreach (var probe in probes)
            {
                var expected = (probe & MaskOf(prefix)) == network;
                Assert.Equal(expected, range.Contains(AddressOf(probe)));
                Assert.Equal(expected, range.Contains(AddressOf(probe).MapToIPv6()));
            }
        });
    }

    [Fact]
    public void Text_that_is_taken_as_a_network_says_so_and_no_wider_net_comes_of_it()
    {
        var taken = 0;
        NearlyIPv4.Sample(
            text =>
            {
                if (!NetworkRange.TryParse(text, out var range, out _))
                {
                    Assert.Null(ReadNaively(text));
                    return;
                }

                Interlocked.Increment(ref taken);
                var read = ReadNaively(text);
                Assert.NotNull(read);
                Assert.True(range.IsIPv4);
                Assert.Equal(read.Value.Prefix, range.PrefixLength);
                Assert.True(range.Contains(AddressOf(read.Value.Network)));
                Assert.False(read.Value.Prefix > 0 && range.Contains(AddressOf(read.Value.Network ^ (1u << (32 - read.Value.Prefix)))));
            },
            iter: 20_000);
        Assert.True(taken > 500, "the texts must be near enough to valid ones for some to be taken");
    }

    [Fact]
    public void IPv6_range_holds_exactly_the_addresses_with_its_leading_bits()
    {
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 128], Gen.Int[0, 127]).Sample((high, low, prefix, flip) =>
        {
            var mask = prefix == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefix);
            var network = (new UInt128(high, low) | (UInt128.One << 127)) & mask; // outside ::/1, where IPv4-mapped addresses lie
            var text = string.Create(CultureInfo.InvariantCulture, $"{AddressOf(network)}/{prefix}");
            Assert.True(NetworkRange.TryParse(text, out var range, out var error), error);
            Assert.False(range.IsIPv4);
            Assert.True(range.Contains(AddressOf(network)));
            Assert.True(range.Contains(AddressOf(network | ~mask)));
            var flipped = network ^ (UInt128.One << flip);
            Assert.Equal((flipped & mask) == network, range.Contains(AddressOf(flipped)));
        });
    }

    [Fact]
    public void Range_reads_back_what_it_writes()
    {
        CanonicalIPv4.Sample(text =>
        {
            Assert.True(NetworkRange.TryParse(text, out var range, out _));
            Assert.Equal(text.EndsWith("/32", StringComparison.Ordinal) ? text[..^3] : text, range.ToString());
            Assert.True(NetworkRange.TryParse(range.ToString(), out var again, out _));
            Assert.Equal(range, again);
        });
    }

    private static string Edit(string text, (int At, int Kind, char Character)[] edits)
    {
        foreach (var (position, kind, character) in edits)
        {
            var at = Math.Min(position, text.Length);
            text = kind switch
            {
                0 => text.Insert(at, character.ToString()),
                1 when at < text.Length => text.Remove(at, 1),
                2 when at < text.Length => text.Remove(at, 1).Insert(at, character.ToString()),
                _ => text,
            };
        }

        return text;
    }

    /// <summary>Four decimal octets and perhaps a prefix, nothing else; null when the text is not that, or has host bits.</summary>
    private static (uint Network, int Prefix)? ReadNaively(string text)
    {
        var parts = text.Split('/');
        var octets = parts[0].Split('.');
        var prefix = 32;
        if (parts.Length > 2 || octets.Length != 4 || (parts.Length == 2 && !TryReadNumber(parts[1], 32, out prefix)))
        {
            return null;
        }

        var network = 0u;
        foreach (var octet in octets)
        {
            if (!TryReadNumber(octet, 255, out var value))
            {
                return null;
            }

            network = (network * 256) + (uint)value;
        }

        return (network & ~MaskOf(prefix)) == 0 ? (network, prefix) : null;
    }

    private static bool TryReadNumber(string text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && value <= max && text == value.ToString(CultureInfo.InvariantCulture);

    private static uint MaskOf(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);

    private static IPAddress AddressOf(uint bits) => new([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);

    private static IPAddress AddressOf(UInt128 bits)
    {
        var bytes = new byte[16];
        for (var i = 15; i >= 0; i--, bits >>= 8)
        {
            bytes[i] = (byte)(bits & 255);
        }

        return new IPAddress(bytes);
    }
}

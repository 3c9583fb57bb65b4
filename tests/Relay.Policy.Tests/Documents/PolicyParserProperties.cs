using System.Globalization;
using System.Text;
using CsCheck;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;

namespace Relay.Policy.Tests.Documents;

/// <summary>A document either compiles or has errors that say where; nothing that can be written in one throws.</summary>
public sealed class PolicyParserProperties
{
    private const string Valid = """
        {
          "acceptedDomains": ["relay.example", ".relay.example"], // ours
          "postmaster": "admin@relay.example",
          "relay": { "networks": ["10.0.0.0/8", "2001:db8::/32"], "listeners": ["internal"], "never": ["10.66.0.0/16"] },
          "routes": [ { "domain": "relay.example", "to": "smtp://mail.internal:25" }, { "domain": "*", "to": "smtp://[::1]:587" } ],
          "connections": { "total": 10000, "perClient": 20, "perNetwork": 200, "ratePerClient": "600/min" },
          "delivery": { "connectionsPerDestination": 20, "retry": "5m, 1h*4", "nextHopNetworks": ["127.0.0.0/8"] },
          "message": { "size": "35 MiB", "recipients": 1000, "hops": 100 }
        }
        """;

    private static readonly byte[] ValidBytes = Encoding.UTF8.GetBytes(Valid);

    private static readonly string[] Keys =
    [
        "acceptedDomains", "recipients", "postmaster", "relay", "authenticated", "networks", "listeners", "never", "senders", "block",
        "ownDomainsFromOutside", "routes", "domain", "to", "limits", "name", "key", "unit", "rate", "burst", "for", "unproven",
        "onLimitUnavailable", "connections", "total", "perClient", "perNetwork", "ratePerClient", "penalty", "refusals", "per",
        "dnsBlocklists", "zone", "answers", "action", "delivery", "connectionsPerDestination", "retry", "expire", "warnAfter",
        "nextHopNetworks", "message", "size", "hops", "relay.example", "x", "",
    ];

    private static readonly string[] Texts =
    [
        "", "relay.example", ".relay.example", "*", "10.0.0.0/8", "10/8", "0.0.0.0/0", "::/0", "::1", "admin@relay.example",
        "internal", "none", "smtp://mail.internal:25", "smtp://[::1]", "lmtp://x", "smtp://", "600/min", "0/s", "5m, 15m*3", "4h", "35 MiB",
        "client", "\\ud800", "\\u0000", "\u00fc.example", "[192.0.2.1]",
    ];

    private static readonly Gen<string> Scalar = Gen.Frequency(
        (6, Gen.OneOf(Texts).Select(text => $"\"{text}\"")),
        (2, Gen.OneOf("0", "1", "100", "-1", "1.5", "1e9", "99999999999999999999")),
        (1, Gen.OneOf("true", "false", "null")));

    [Fact]
    public void Random_document_compiles_or_has_errors_with_a_key() =>
        Value(4).Sample(json => Check(Encoding.UTF8.GetBytes(json)), iter: 10_000);

    [Fact]
    public void Damaged_document_compiles_or_has_errors_with_a_key()
    {
        var octet = Gen.Frequency((1, Gen.Byte), (3, Gen.OneOf("{}[]\",:/*\\0\n"u8.ToArray())));
        var edit = Gen.Select(Gen.Int[0, ValidBytes.Length - 1], Gen.Int[0, 2], octet);
        edit.Array[1, 4].Sample(
            edits =>
            {
                var bytes = new List<byte>(ValidBytes);
                foreach (var (at, kind, value) in edits)
                {
                    if (kind == 0)
                    {
                        bytes.Insert(Math.Min(at, bytes.Count), value);
                    }
                    else if (kind == 1)
                    {
                        bytes.RemoveAt(Math.Min(at, bytes.Count - 1));
                    }
                    else
                    {
                        bytes[Math.Min(at, bytes.Count - 1)] = value;
                    }
                }

                Check([.. bytes]);
            },
            iter: 10_000);
    }

    [Fact]
    public void Random_bytes_are_errors_with_a_key() => Gen.Byte.Array[0, 60].Sample(Check, iter: 5_000);

    [Fact]
    public void Document_cut_short_anywhere_is_an_error()
    {
        for (var length = 0; length < ValidBytes.Length; length++)
        {
            Assert.NotEmpty(PolicyParser.Parse(ValidBytes.AsMemory(0, length)).Errors);
        }

        Assert.Empty(PolicyParser.Parse(ValidBytes).Errors);
    }

    private static Gen<string> Value(int depth)
    {
        if (depth == 0)
        {
            return Scalar;
        }

        var inner = Value(depth - 1);
        var member = Gen.Select(Gen.OneOf(Keys), inner, (key, value) => string.Create(CultureInfo.InvariantCulture, $"\"{key}\": {value}"));
        return Gen.Frequency(
            (2, Scalar),
            (5, member.Array[0, 5].Select(members => $"{{ {string.Join(",\n", members)} }}")),
            (2, inner.Array[0, 3].Select(items => $"[ {string.Join(", ", items)} ]")));
    }

    private static void Check(byte[] json)
    {
        var result = PolicyParser.Parse(json);
        var lines = json.Count(octet => octet == (byte)'\n') + 1;
        Assert.Equal(result.Document is null, result.Errors.Count > 0);
        foreach (var error in result.Errors.Concat(result.Warnings))
        {
            Assert.NotEmpty(error.Key);
            Assert.NotEmpty(error.Message);
            Assert.InRange(error.Line, 1, lines);
            Assert.DoesNotContain(error.ToString(), char.IsControl);
        }

        if (result.Document is not null)
        {
            Assert.NotNull(PolicySnapshot.Compile(result.Document, 1));
        }
    }
}

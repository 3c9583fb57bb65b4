using System.Diagnostics.CodeAnalysis;
using System.Text;
using CsCheck;
using static Relay.Node.Tests.Probes.ProbeWorld;

namespace Relay.Node.Tests.Probes;

/// <summary>Addresses inside addresses and paths with several readings, of which nobody made a list.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "Properties that hold for generated input.")]
public sealed class AddressInAddressTests
{
    private const int Paths = 400;

    private static readonly string[] OurDomains = ["@relay.example>", "@internal.example>"];

    private static readonly Gen<string> Mailbox = Gen.Select(
        Gen.OneOf("n", "u", "\"n\"", "\"a b\"", "IMCEASMTP-n+40victim+2Eexample", "SRS0=h=tt=victim.example=n", "/S=n/O=victim/", "postmaster"),
        Gen.OneOf("@", "%", "!", "@@", "\\@", "=", "+40", "::", "\"@", ""),
        Gen.OneOf("victim.example", "relay.example", "RELAY.EXAMPLE", "sub.relay.example", "[127.3.0.2]", "[127.0.0.1]", "relay.example.", "127.3.0.2"),
        (local, separator, domain) => separator == "!" ? domain + separator + local : local + separator + domain);

    private static readonly Gen<string> Nest = Gen.Select(
            Mailbox.List[1, 3],
            Gen.OneOf("", ":", ",", "%", "!", "@", " ", "\"", "> <", "><", "\\", ";", "(", ")", "|", "..", "\u00e4", "\t"),
            Gen.OneOf("", "@relay.example", "@victim.example", "%victim.example@relay.example", "\"@relay.example", ":u@relay.example", ":n@victim.example"),
            Gen.OneOf("", "@victim.example:", "@relay.example:", "@relay.example,@victim.example:", "\"", "<", "@", "victim.example!"),
            (mailboxes, separator, tail, head) => head + string.Join(separator, mailboxes) + tail);

    private static readonly Gen<string> Soup = Gen.Select(
        Gen.String[Gen.Char["nv.@%!:,\"\\<>()[] ;=+|/&\t\u00e4"], 0, 24],
        Gen.OneOf("", "@relay.example", "@victim.example", "\"@relay.example", "@RELAY.example"),
        (local, domain) => local + domain);

    // Well formed, and ours: whatever stands before the last @.
    private static readonly Gen<string> Opaque = Gen.Select(
        Gen.OneOf("", "@victim.example:", "@victim.example,@relay.example:"),
        Gen.OneOf(
            Gen.String[Gen.Char["nv%!=+|/&{}~"], 1, 24],
            Gen.String[Gen.Char["nv.@%!:,<>()[] ;=+|/&"], 1, 24].Select(text => $"\"{text}\""),
            Gen.Select(Gen.OneOf("n%victim.example", "victim.example!n", "\"n@victim.example\"", "IMCEASMTP-n+40victim"), Gen.OneOf("", "%x", "!x"), (one, other) => other + one)),
        Gen.OneOf("@relay.example", "@RELAY.example", "@internal.example"),
        (route, local, domain) => route + local + domain);

    [Fact]
    public async Task Nothing_reaches_the_victim_and_what_is_accepted_arrives_octet_by_octet()
    {
        await using var world = await StartAsync();
        var accepted = new List<string>();
        await Gen.OneOf(Nest, Nest, Soup, Opaque).Where(path => path.Length < 250).SampleAsync(
            async path =>
            {
                var result = await world.ProbeAsync(Stranger, "<> BODY=8BITMIME SMTPUTF8", $"<{path}>");
                if (result.Message is null)
                {
                    Assert.True(result.Recipient.Code >= 500 && result.Data.Code is 503 or 554, $"<{path}>: {result}");
                    return;
                }

                result.Message.MustBe(250);
                accepted.Add(WithoutRoute(path));
            },
            iter: Paths,
            threads: 1);

        var arrived = (await world.OnlyOursAsync()).SelectMany(mail => mail.Recipients).Select(Octets);
        Assert.Equal(accepted.Select(path => Expected($"<{path}>")).Order(StringComparer.Ordinal), arrived.Order(StringComparer.Ordinal));
        Assert.True(accepted.Count > Paths / 50, $"{accepted.Count} of {Paths} were accepted: too few to say anything");
    }

    // RFC 5321 section 4.1.2: a source route ends with its colon, and is ignored.
    private static string WithoutRoute(string path) => path.StartsWith('@') ? path[(path.IndexOf(':', StringComparison.Ordinal) + 1)..] : path;

    // Of our domains by their end alone: a second reading, that knows nothing of how an address is taken apart.
    private static string Expected(string path)
    {
        if (path.Equals("<postmaster>", StringComparison.OrdinalIgnoreCase))
        {
            return "<postmaster@relay.example>";
        }

        Assert.Contains(OurDomains, end => path.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        return path;
    }

    // The recorder has a character for each octet.
    private static string Octets(string words) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(words[..(words.LastIndexOf('>') + 1)]));
}

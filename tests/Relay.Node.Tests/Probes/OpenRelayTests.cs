using static Relay.Node.Tests.Probes.ProbeWorld;

namespace Relay.Node.Tests.Probes;

/// <summary>The probes of relay testers against a whole node, judged by who was reached.</summary>
/// <remarks>
/// X: refused at RCPT with 550 5.7.1. Y: no address, or two: 501, 550 or 553. L: refused, or taken as an opaque local part of ours. The sixteen
/// of nmap are among them, and in <c>Interop</c> nmap itself.
/// </remarks>
public sealed class OpenRelayTests
{
    // 127.0.0.1 is the relay, mx.relay.example its name.
    private static readonly (string Sender, string Recipient, string Expected)[] Probes =
    [
        // nmap's sixteen, in its order.
        ("", "relaytest@victim.example", "X"),
        ("antispam@victim.example", "relaytest@victim.example", "X"),
        ("antispam@mx.relay.example", "relaytest@victim.example", "X"),
        ("antispam@[127.0.0.1]", "relaytest@victim.example", "X"),
        ("antispam@[127.0.0.1]", "relaytest%victim.example@[127.0.0.1]", "XY"),
        ("antispam@[127.0.0.1]", "relaytest%victim.example@mx.relay.example", "XY"),
        ("antispam@[127.0.0.1]", "\"relaytest@victim.example\"", "Y"),
        ("antispam@[127.0.0.1]", "\"relaytest%victim.example\"", "Y"),
        ("antispam@[127.0.0.1]", "relaytest@victim.example@[127.0.0.1]", "Y"),
        ("antispam@[127.0.0.1]", "\"relaytest@victim.example\"@[127.0.0.1]", "XY"),
        ("antispam@[127.0.0.1]", "relaytest@victim.example@mx.relay.example", "Y"),
        ("antispam@[127.0.0.1]", "@[127.0.0.1]:relaytest@victim.example", "X"),
        ("antispam@[127.0.0.1]", "@mx.relay.example:relaytest@victim.example", "X"),
        ("antispam@[127.0.0.1]", "victim.example!relaytest", "Y"),
        ("antispam@[127.0.0.1]", "victim.example!relaytest@[127.0.0.1]", "XY"),
        ("antispam@[127.0.0.1]", "victim.example!relaytest@mx.relay.example", "XY"),
        // MAPS, OpenVAS, abuse.net.
        ("x@rnd.victim.example", "nobody@victim.example", "X"),
        ("x@localhost", "nobody@victim.example", "X"),
        ("x", "nobody@victim.example", "Y"),
        ("postmaster@mx.relay.example", "nobody@victim.example", "X"),
        ("x@relay.example", "nobody@victim.example", "X"),
        ("x@internal.example", "nobody@victim.example", "X"),
        ("", "nobody%victim.example@relay.example", "L"),
        ("", "\"nobody@victim.example\"@relay.example", "L"),
        ("", "nobody@victim.example@relay.example", "Y"),
        ("", "@relay.example:nobody@victim.example", "X"),
        ("", "@victim.example,@relay.example:n@victim2.example", "X"),
        ("", "victim.example!nobody@relay.example", "L"),
        // An address inside an address: Exchange, SRS, X.400, DECnet, and nests of them.
        ("", "IMCEASMTP-nobody+40victim+2Eexample@relay.example", "L"),
        ("", "IMCEASMTP-nobody+40victim+2eexample@relay.example", "L"),
        ("", "IMCEAEX-_O=victim_OU=example_CN=nobody@relay.example", "L"),
        ("", "SRS0=abcd=ef=victim.example=nobody@relay.example", "L"),
        ("", "SRS1=abcd=victim.example==ef=gh=victim2.example=nobody@relay.example", "L"),
        ("", "prvs=1234abcdef=nobody@relay.example", "L"),
        ("", "nobody=victim.example@relay.example", "L"),
        ("", "nobody+victim.example@relay.example", "L"),
        ("", "/C=xx/A=victim/P=example/S=nobody/@relay.example", "L"),
        ("", "\"/S=nobody/OU=victim/O=example/\"@relay.example", "L"),
        ("", "node::nobody@relay.example", "Y"),
        ("", "\"node::nobody\"@relay.example", "L"),
        ("", "nobody%victim.example%relay.example@relay.example", "L"),
        ("", "\"nobody%victim.example\"@relay.example", "L"),
        ("", "\"nobody\\@victim.example\"@relay.example", "L"),
        ("", "nobody\\@victim.example@relay.example", "Y"),
        ("", "victim.example!nobody%victim2.example@relay.example", "L"),
        ("", "\"relay.example!nobody@victim.example\"@relay.example", "L"),
        ("", "\"<nobody@victim.example>\"@relay.example", "L"),
        ("", "\"@victim.example:nobody\"@relay.example", "L"),
        ("", "|nobody@relay.example", "L"),
        ("", "nobody(@victim.example)@relay.example", "Y"),
        ("", "@relay.example,@victim.example", "Y"),
        ("", "@relay.example:@victim.example:nobody@victim.example", "Y"),
        ("", "nobody@relay.example,nobody@victim.example", "Y"),
        ("", "nobody@relay.example nobody@victim.example", "Y"),
        ("", "nobody@relay.example> <nobody@victim.example", "Y"),
        ("", "nobody@victim.example><nobody@relay.example", "Y"),
        // Domains that are nearly ours.
        ("", "n@xrelay.example", "X"),
        ("", "n@relay.example.victim.example", "X"),
        ("", "n@sub.relay.example", "X"),
        ("", "n@relay.example.", "Y"),
        ("", "n@victim.example.", "XY"),
        ("", "n@relay.example..", "Y"),
        ("", "n@.relay.example", "Y"),
        ("", "n@relay-example", "X"),
        ("", "n@example", "X"),
        ("", "n@[relay.example]", "Y"),
        ("", "n@relay.example:25", "Y"),
        ("", "n@[127.3.0.2]", "X"),
        ("", "n@127.3.0.2", "XY"),
        ("", "n@[IPv6:::ffff:127.3.0.2]", "XY"),
        ("", "n@2130903042", "XY"),
        ("", "n", "Y"),
        ("", "n@", "Y"),
        ("", "", "Y"),
        ("", "@relay.example", "Y"),
    ];

    [Fact]
    public async Task A_stranger_reaches_nobody_but_our_recipients_by_any_known_trick()
    {
        await using var world = await StartAsync();
        var expected = new List<string>();
        foreach (var (sender, recipient, _) in Probes.Where(probe => probe.Expected != "L"))
        {
            foreach (var space in (string[])["", " "])
            {
                var result = await world.ProbeAsync(Stranger, $"{space}<{sender}>", $"{space}<{recipient}>");
                MustBeRefused(result, sender, recipient);
            }
        }

        await world.NothingHappenedAsync();
        foreach (var (sender, recipient, _) in Probes.Where(probe => probe.Expected == "L"))
        {
            foreach (var space in (string[])["", " "])
            {
                var result = await world.ProbeAsync(Stranger, $"{space}<{sender}>", $"{space}<{recipient}>");
                if (result.Message is { } reply)
                {
                    reply.MustBe(250);
                    expected.Add($"<{recipient}>");
                }
            }
        }

        var mails = await world.OnlyOursAsync();
        Assert.Equal(expected.Order(StringComparer.Ordinal), mails.SelectMany(mail => mail.Recipients).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_class_is_refused_with_its_code()
    {
        await using var world = await StartAsync();
        foreach (var (sender, recipient, expected) in Probes)
        {
            var result = await world.ProbeAsync(Stranger, $"<{sender}>", $"<{recipient}>");
            var code = result.Sender.Code == 250 ? result.Recipient : result.Sender;
            var isX = code.Code is 550 or 554 && code.Text.StartsWith("5.7.1 ", StringComparison.Ordinal);
            var isY = code.Code is 501 or 550 or 553
                && (code.Text.StartsWith("5.1.3 ", StringComparison.Ordinal) || code.Text.StartsWith("5.5.", StringComparison.Ordinal));
            var isRight = expected switch { "X" => isX, "Y" => isY, "XY" => isX || isY, _ => isX || code.Code == 250 };
            Assert.True(isRight, $"{expected} <{sender}> <{recipient}>: {code}");
        }
    }

    // Without these, a relay that refuses everything would pass; and the sinks are reached when they may be.
    [Fact]
    public async Task What_must_be_accepted_arrives_exactly_as_it_was_sent()
    {
        await using var world = await StartAsync();
        var local = new string('l', 64);
        foreach (var (sender, recipient, arrives) in new[]
        {
            ("<>", "<u@relay.example>", "<u@relay.example>"),
            ("<boss@internal.example>", "<u@relay.example>", "<u@relay.example>"),
            ("<a@b.example>", "<u@RELAY.EXAMPLE>", "<u@RELAY.EXAMPLE>"),
            ("<a@b.example>", "<Postmaster>", "<postmaster@relay.example>"),
            ("<a@b.example>", "<POSTMASTER>", "<postmaster@relay.example>"),
            ("<a@b.example>", "<@victim.example:u@relay.example>", "<u@relay.example>"),
            ("<a@b.example>", "<\"quoted local\"@relay.example>", "<\"quoted local\"@relay.example>"),
            ("<a@b.example>", "<o'hara+tag=x@relay.example>", "<o'hara+tag=x@relay.example>"),
            ("<a@b.example>", "<a#b/c@relay.example>", "<a#b/c@relay.example>"),
            ("<a@b.example>", $"<{local}@relay.example>", $"<{local}@relay.example>"),
            ("<a@b.example>", "<MiXed@relay.example>", "<MiXed@relay.example>"),
            ("<a@b.example> SIZE=1000 BODY=8BITMIME", "<u@relay.example>", "<u@relay.example>"),
            ("<a@b.example>", "<ok@relay.example> ORCPT=rfc822;n@victim.example", "<ok@relay.example>"),
        })
        {
            (await world.ProbeAsync(Stranger, sender, recipient)).Message!.MustBe(250);
            var words = Assert.Single((await world.Ours.NextAsync()).Recipients).Split(' ');
            Assert.Equal(arrives, string.Join(' ', words.TakeWhile(word => !word.StartsWith("ORCPT", StringComparison.Ordinal))));
        }

        await using var client = await world.GreetAsync(Stranger);
        (await client.CommandAsync("mail from:<>")).MustBe(250);
        (await client.CommandAsync("rcpt to:<u@relay.example>")).MustBe(250);
        (await client.CommandAsync("RcPt To:<v@relay.example>")).MustBe(250);
        (await client.CommandAsync("data")).MustBe(354);
        await client.SendAsync(".\r\n");
        (await client.ReadReplyAsync()).MustBe(250);
        Assert.Equal(["<u@relay.example>", "<v@relay.example>"], (await world.Ours.NextAsync()).Recipients);
        Assert.Empty(await world.OnlyOursAsync());

        (await world.ProbeAsync(Trusted, "<a@b.example>", "<n@victim.example>")).Message!.MustBe(250);
        Assert.Equal(["<n@victim.example>"], (await world.Victim.NextAsync()).Recipients);
    }

    private static void MustBeRefused(ProbeResult result, string sender, string recipient)
    {
        Assert.True(result.Recipient.Code is >= 500 and < 560, $"<{sender}> <{recipient}>: {result.Recipient}");
        Assert.True(result.Data.Code is 503 or 554, $"<{sender}> <{recipient}>: DATA {result.Data}");
    }
}

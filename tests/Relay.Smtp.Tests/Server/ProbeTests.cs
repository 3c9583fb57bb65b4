using static Relay.Smtp.Tests.Server.DialogueScript;

namespace Relay.Smtp.Tests.Server;

/// <summary>
/// Open-relay probes as far as syntax decides them. What is well formed reaches the owner's decision as one typed address.
/// </summary>
public sealed class ProbeTests
{
    public static TheoryData<string, string> Decided => new()
    {
        { "<relaytest@victim.example>", "victim.example" },
        { "<relaytest%victim.example@[192.0.2.25]>", "[192.0.2.25]" },
        { "<relaytest%victim.example@srv.example>", "srv.example" },
        { "<\"relaytest@victim.example\"@[192.0.2.25]>", "[192.0.2.25]" },
        { "<@[192.0.2.25]:relaytest@victim.example>", "victim.example" },
        { "<@srv.example:relaytest@victim.example>", "victim.example" },
        { "<victim.example!relaytest@[192.0.2.25]>", "[192.0.2.25]" },
        { "<victim.example!relaytest@srv.example>", "srv.example" },
        { "<nobody%victim.example@relay.example>", "relay.example" },
        { "<\"nobody@victim.example\"@relay.example>", "relay.example" },
        { "<@relay.example:nobody@victim.example>", "victim.example" },
        { "<@victim.example,@relay.example:n@victim2.example>", "victim2.example" },
        { "<IMCEASMTP-nobody+40victim+2Eexample@relay.example>", "relay.example" },
        { "<n@xrelay.example>", "xrelay.example" },
        { "<n@relay.example.victim.example>", "relay.example.victim.example" },
        { "<u@RELAY.EXAMPLE>", "relay.example" },
        { "<a#b/c@relay.example>", "relay.example" },
    };

    [Theory]
    [InlineData("<\"relaytest@victim.example\">")]
    [InlineData("<\"relaytest%victim.example\">")]
    [InlineData("<relaytest@victim.example@[192.0.2.25]>")]
    [InlineData("<relaytest@victim.example@srv.example>")]
    [InlineData("<victim.example!relaytest>")]
    [InlineData("<nobody@victim.example@relay.example>")]
    [InlineData("<nobody>")]
    [InlineData("<n@relay.example.>")]
    [InlineData("<n@victim.example.>")]
    [InlineData("<n@relay.example..>")]
    [InlineData("<n@.relay.example>")]
    [InlineData("<>")]
    [InlineData("<u@relay.example")]
    [InlineData("u@relay.example>")]
    [InlineData("u@relay.example")]
    [InlineData("<u@relay.example>>")]
    [InlineData("<<u@relay.example>")]
    [InlineData("<u@relay.example> <v@victim.example>")]
    [InlineData("<u@relay.example>,<v@victim.example>")]
    [InlineData("Name <u@relay.example>")]
    [InlineData("<u@relay.example>NOTIFY=NEVER")]
    [InlineData("<\"u\\\\\"@relay.example\">")]
    [InlineData("<u@relay.example\\xFF>")]
    [InlineData("< u@relay.example>")]
    [InlineData("<u @relay.example>")]
    public void A_recipient_with_no_or_two_readings_is_a_syntax_error(string path)
    {
        foreach (var colon in (string[])[":", ": ", ":   "])
        {
            var owner = StartTransaction();
            owner.Feed(Unescape($"RCPT TO{colon}{path}\\r\\nDATA\\r\\n"));
            Assert.Matches("^S: 50[01] 5\\.(1\\.3|5\\.[24]) ", owner.Transcript[^2]);
            Assert.StartsWith("S: 503 5.5.1", owner.Transcript[^1], StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Decided))]
    public void A_well_formed_recipient_is_decided_on_by_its_one_domain(string path, string domain)
    {
        foreach (var command in (string[])["RCPT TO:", "RCPT TO: ", "rcpt to:", "Rcpt To:  "])
        {
            var owner = StartTransaction();
            owner.Feed(Unescape($"{command}{path}\\r\\n"));
            Assert.StartsWith("S: 250 2.1.5", owner.Transcript[^1], StringComparison.Ordinal);
            Assert.Equal(domain, Assert.Single(owner.Dialogue.Recipients).Path.Domain?.Name);
        }
    }

    [Theory]
    [InlineData("<x>")]
    [InlineData("<postmaster>")]
    [InlineData("<x@>")]
    [InlineData("<x@y.example@z.example>")]
    [InlineData("x@y.example")]
    [InlineData("")]
    public void A_sender_that_is_unqualified_or_malformed_is_a_syntax_error(string path)
    {
        foreach (var colon in (string[])[":", ": "])
        {
            var owner = Send(Unescape("EHLO x\\r\\n"));
            owner.Feed(Unescape($"MAIL FROM{colon}{path}\\r\\n"));
            Assert.StartsWith("S: 501 5.5.4", owner.Transcript[^1], StringComparison.Ordinal);
            Assert.Null(owner.Dialogue.Sender);
        }
    }

    [Theory]
    [InlineData("<>")]
    [InlineData("<x@localhost>")]
    [InlineData("<x@[192.0.2.25]>")]
    [InlineData("<@a.example,@b.example:x@y.example>")]
    public void A_well_formed_sender_is_taken_with_and_without_a_space(string path)
    {
        foreach (var colon in (string[])[":", ": "])
        {
            var owner = Send(Unescape("EHLO x\\r\\n"));
            owner.Feed(Unescape($"MAIL FROM{colon}{path}\\r\\n"));
            Assert.StartsWith("S: 250 2.1.0", owner.Transcript[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sixteen_refused_probes_with_resets_in_between_are_survived()
    {
        var owner = Send(Unescape("EHLO x\\r\\n"));
        for (var probe = 0; probe < 16; probe++)
        {
            owner.Feed(Unescape("RSET\\r\\nMAIL FROM:<a@victim.example>\\r\\nRCPT TO:<refuse@victim.example>\\r\\n"));
            Assert.StartsWith("S: 550 5.7.1", owner.Transcript[^1], StringComparison.Ordinal);
        }

        owner.Feed(Unescape("QUIT\\r\\n"));
        Assert.Equal("=: close", owner.Transcript[^1]);
        Assert.StartsWith("S: 221", owner.Transcript[^2], StringComparison.Ordinal);
    }

    private static ScriptedOwner StartTransaction()
    {
        var owner = Send(Unescape("EHLO x\\r\\n"));
        owner.Feed(Unescape("MAIL FROM:<a@b.example>\\r\\n"));
        return owner;
    }
}

using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using static Relay.Policy.Tests.TestPolicies;

namespace Relay.Policy.Tests.Decisions;

/// <summary>The probes of relay testers (nmap, MAPS, OpenVAS, abuse.net), judged at the decision: what the path parses to, and what
/// policy says.</summary>
/// <remarks>relay.example is ours; internal.example is ours as a sender; srv and IP are the relay itself, and no mail domains.</remarks>
public sealed class RelayProbeTests
{
    private const string Stranger = "198.51.100.66";
    private const string Trusted = "10.0.0.5";

    private static readonly PolicySnapshot Policy = Compile("""
        {
          "acceptedDomains": ["relay.example", "internal.example"],
          "relay": { "networks": ["10.0.0.0/8"] },
          "routes": [ { "domain": "relay.example", "to": "smtp://mail.internal" } ]
        }
        """);

    /// <summary>How a probe may end.</summary>
    [Flags]
    private enum Outcome
    {
        /// <summary>The path is no path: 501 or 553.</summary>
        Syntax = 1,

        /// <summary>550 5.7.1.</summary>
        Refused = 2,

        /// <summary>Accepted, for the recipient exactly as sent, at our own domain.</summary>
        Ours = 4,
    }

    // The exact sixteen of nmap's smtp-open-relay, in its order.
    [Theory]
    [InlineData("", "relaytest@victim.example", "X")]
    [InlineData("antispam@victim.example", "relaytest@victim.example", "X")]
    [InlineData("antispam@srv.internal.example", "relaytest@victim.example", "X")]
    [InlineData("antispam@[192.0.2.25]", "relaytest@victim.example", "X")]
    [InlineData("antispam@[192.0.2.25]", "relaytest%victim.example@[192.0.2.25]", "XY")]
    [InlineData("antispam@[192.0.2.25]", "relaytest%victim.example@srv.internal.example", "XY")]
    [InlineData("antispam@[192.0.2.25]", "\"relaytest@victim.example\"", "Y")]
    [InlineData("antispam@[192.0.2.25]", "\"relaytest%victim.example\"", "Y")]
    [InlineData("antispam@[192.0.2.25]", "relaytest@victim.example@[192.0.2.25]", "Y")]
    [InlineData("antispam@[192.0.2.25]", "\"relaytest@victim.example\"@[192.0.2.25]", "XY")]
    [InlineData("antispam@[192.0.2.25]", "relaytest@victim.example@srv.internal.example", "Y")]
    [InlineData("antispam@[192.0.2.25]", "@[192.0.2.25]:relaytest@victim.example", "X")]
    [InlineData("antispam@[192.0.2.25]", "@srv.internal.example:relaytest@victim.example", "X")]
    [InlineData("antispam@[192.0.2.25]", "victim.example!relaytest", "Y")]
    [InlineData("antispam@[192.0.2.25]", "victim.example!relaytest@[192.0.2.25]", "XY")]
    [InlineData("antispam@[192.0.2.25]", "victim.example!relaytest@srv.internal.example", "XY")]
    // MAPS, OpenVAS, abuse.net.
    [InlineData("x@rnd.victim.example", "nobody@victim.example", "X")]
    [InlineData("x@localhost", "nobody@victim.example", "X")]
    [InlineData("postmaster@srv.internal.example", "nobody@victim.example", "X")]
    [InlineData("x@relay.example", "nobody@victim.example", "X")]
    [InlineData("x@internal.example", "nobody@victim.example", "X")]
    [InlineData("", "nobody%victim.example@relay.example", "L")]
    [InlineData("", "\"nobody@victim.example\"@relay.example", "L")]
    [InlineData("", "nobody@victim.example@relay.example", "Y")]
    [InlineData("", "@relay.example:nobody@victim.example", "X")]
    [InlineData("", "@victim.example,@relay.example:n@victim2.example", "X")]
    [InlineData("", "victim.example!nobody@relay.example", "L")]
    [InlineData("", " nobody@victim.example", "Y")]
    // An address inside an address.
    [InlineData("", "IMCEASMTP-nobody+40victim+2Eexample@relay.example", "L")]
    [InlineData("", "IMCEASMTP-nobody+40victim+2eexample@relay.example", "L")]
    [InlineData("", "IMCEASMTP-nobody+40victim+2Eexample@victim.example", "X")]
    [InlineData("", "\"/S=nobody/OU=victim/O=example/\"@relay.example", "L")]
    [InlineData("", "/C=xx/A=victim/P=example/S=nobody/@relay.example", "L")]
    [InlineData("", "node::nobody@relay.example", "Y")]
    [InlineData("", "\"node::nobody\"@relay.example", "L")]
    [InlineData("", "nobody%victim.example%relay.example@relay.example", "L")]
    [InlineData("", "\"nobody%victim.example\"@relay.example", "L")]
    [InlineData("", "victim.example!nobody%victim2.example@relay.example", "L")]
    [InlineData("", "\"relay.example!nobody@victim.example\"@relay.example", "L")]
    [InlineData("", "SRS0=HHH=TT=victim.example=nobody@relay.example", "L")]
    [InlineData("", "SRS1=HHH=victim.example==HHH=TT=victim2.example=nobody@relay.example", "L")]
    [InlineData("", "SRS0=HHH=TT=relay.example=nobody@victim.example", "X")]
    [InlineData("", "IMCEAEX-_O=VICTIM_OU=EXAMPLE_CN=nobody@relay.example", "L")]
    [InlineData("", "\"nobody@victim.example\"%relay.example@relay.example", "Y")]
    [InlineData("", "@relay.example,@victim.example:nobody%victim.example@relay.example", "L")]
    [InlineData("", "nobody=victim.example@relay.example", "L")]
    [InlineData("", "nobody#victim.example@relay.example", "L")]
    [InlineData("", "\"nobody@victim.example\\\"\"@relay.example", "L")]
    [InlineData("", "\"nobody\"@victim.example\"@relay.example", "Y")]
    [InlineData("", "<nobody@victim.example>@relay.example", "Y")]
    [InlineData("", "(relay.example)nobody@victim.example", "Y")]
    [InlineData("", "nobody@victim.example(@relay.example)", "Y")]
    // Matching of domains.
    [InlineData("", "n@xrelay.example", "X")]
    [InlineData("", "n@relay.example.victim.example", "X")]
    [InlineData("", "n@sub.relay.example", "X")]
    [InlineData("", "n@relay.example.", "Y")]
    [InlineData("", "n@victim.example.", "XY")]
    [InlineData("", "n@relay.example..", "Y")]
    [InlineData("", "n@.relay.example", "Y")]
    [InlineData("", "n@relay..example", "Y")]
    [InlineData("", "n@relay-example", "X")]
    [InlineData("", "n@relay.exampl", "X")]
    [InlineData("", "n@example", "X")]
    [InlineData("", "n@[relay.example]", "Y")]
    [InlineData("", "n@relay.example:25", "Y")]
    [InlineData("", "n@relay.example,victim.example", "Y")]
    [InlineData("", "n@relay.example victim.example", "Y")]
    [InlineData("", "n@relay.example\0.victim.example", "Y")]
    [InlineData("", "n@relay\u3002example", "XY")] // a full stop that some readers take for a dot
    [InlineData("", "n@\uff52elay.example", "XY")] // a wide r
    [InlineData("", "n@re\u00adlay.example", "XY")] // a soft hyphen
    [InlineData("", "n@r\u0435lay.example", "XY")] // a Cyrillic e
    [InlineData("", "n@192.0.2.25", "XY")]
    [InlineData("", "n@[192.0.2.25]", "X")]
    [InlineData("", "n@[127.0.0.1]", "X")]
    [InlineData("", "n@[IPv6:::1]", "X")]
    [InlineData("", "n@localhost", "X")]
    [InlineData("", "n", "Y")]
    [InlineData("", "@relay.example", "Y")]
    [InlineData("", "n@", "Y")]
    public void Stranger_is_refused(string sender, string recipient, string expected)
    {
        var allowed = expected switch
        {
            "X" => Outcome.Refused,
            "Y" => Outcome.Syntax,
            "L" => Outcome.Ours | Outcome.Refused,
            _ => Outcome.Refused | Outcome.Syntax,
        };
        Assert.True(allowed.HasFlag(Judge(Stranger, sender, recipient)), $"{Judge(Stranger, sender, recipient)} for {recipient}");
    }

    [Fact]
    public void Unqualified_sender_is_no_path() => Assert.False(MailPath.TryParse("x", out _));

    // The positive controls: without them "refuse everything" would pass.
    [Theory]
    [InlineData(Stranger, "", "u@relay.example")]
    [InlineData(Stranger, "boss@internal.example", "u@relay.example")]
    [InlineData(Stranger, "a@b.example", "u@RELAY.EXAMPLE")]
    [InlineData(Stranger, "a@b.example", "@victim.example:u@relay.example")]
    [InlineData(Stranger, "a@b.example", "\"quoted local\"@relay.example")]
    [InlineData(Stranger, "a@b.example", "o'hara+tag=x@relay.example")]
    [InlineData(Stranger, "a@b.example", "a#b/c@relay.example")]
    [InlineData(Stranger, "a@b.example", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@relay.example")]
    public void Mail_to_our_domain_is_taken_from_a_stranger(string client, string sender, string recipient) =>
        Assert.Equal(Outcome.Ours, Judge(client, sender, recipient));

    [Theory]
    [InlineData("Postmaster")]
    [InlineData("POSTMASTER")]
    public void Bare_postmaster_is_taken_from_a_stranger(string recipient)
    {
        Assert.True(Policy.Decide(Client(Stranger), recipient).IsAccept);
        Assert.Equal("postmaster@relay.example", Policy.ResolveRecipient(Path(recipient)).Text);
    }

    [Theory]
    [InlineData("n@victim.example")]
    [InlineData("n@sub.relay.example")]
    [InlineData("@relay.example:n@victim.example")]
    public void Trusted_client_may_send_anywhere(string recipient)
    {
        Assert.True(Policy.Decide(Client(Trusted), recipient).IsAccept);
        Assert.True(Policy.Decide(Client("::ffff:" + Trusted), recipient).IsAccept);
    }

    [Fact]
    public void Subdomain_is_ours_only_when_it_is_named()
    {
        var policy = Compile("""{ "acceptedDomains": [".relay.example"] }""");
        Assert.True(policy.Decide(Client(Stranger), "n@sub.relay.example").IsAccept);
        Assert.False(policy.Decide(Client(Stranger), "n@relay.example").IsAccept);
        Assert.False(policy.Decide(Client(Stranger), "n@xrelay.example").IsAccept);
    }

    /// <summary>As a session would: parse both paths, ask policy, and look at where an accepted recipient's mail would go.</summary>
    private static Outcome Judge(string client, string sender, string recipient)
    {
        if (!MailPath.TryParse(sender, out var senderPath) || !MailPath.TryParse(recipient, out var path) || path.IsNull)
        {
            return Outcome.Syntax;
        }

        var verdict = Policy.DecideRecipient(Client(client), senderPath, path);
        if (!verdict.IsAccept)
        {
            Assert.Equal((550, "5.7.1"), (verdict.Reply!.Code, verdict.Reply.Status.ToString()));
            return Outcome.Refused;
        }

        // Routed by the same object, local part and all, to our own next hop.
        Assert.Same(path, Policy.ResolveRecipient(path));
        Assert.Equal("mail.internal", Policy.FindRoute(path.Domain!)!.Target.Host);
        var routeLength = recipient.StartsWith('@') ? recipient.IndexOf(':', StringComparison.Ordinal) + 1 : 0;
        Assert.Equal(recipient[routeLength..], path.Text);
        return Outcome.Ours;
    }
}

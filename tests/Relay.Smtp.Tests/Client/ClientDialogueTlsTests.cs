using System.Buffers;
using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueTlsTests
{
    private const string Offered = """
        S: 220 mx.test
        C: EHLO relay.test
        S: 250-mx.test
        S: 250-PIPELINING
        S: 250-8BITMIME
        S: 250 STARTTLS

        """;

    private const string Refused = "451 4.7.4 TLS is required, and the next hop ";

    private static readonly ClientDemands May = new() { StartTls = StartTlsUse.WhenOffered };
    private static readonly ClientDemands Must = new() { StartTls = StartTlsUse.Required };

    public static TheoryData<StartTlsUse> Both => [StartTlsUse.WhenOffered, StartTlsUse.Required];

    private static PlayResult Play(StartTlsUse use, string script) =>
        ScriptedServer.Play(script, new ClientDemands { StartTls = use }, Mail.To("a@b.test"));

    [Theory]
    [MemberData(nameof(Both))]
    public void Everything_said_in_the_clear_is_forgotten_behind_the_handshake(StartTlsUse use)
    {
        var result = Play(use, Offered + """
            C: STARTTLS
            S: 220 go
            T:
            C: EHLO relay.test
            S: 250-mx.test
            S: 250 SIZE
            C: MAIL FROM:<from@sender.test> SIZE=7
            S: 250 ok
            C: RCPT TO:<a@b.test>
            S: 250 ok
            C: DATA
            S: 354 go
            C: Hello
            C: .
            S: 250 done
            """);
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(result.Outcomes).Kind);
        Assert.False(result.Capabilities.Has8BitMime);
    }

    [Theory]
    [InlineData(StartTlsUse.WhenOffered, false, "C: STARTTLS\nS: 454 4.7.0 not now\n", OutcomeKind.Deferred)]
    [InlineData(StartTlsUse.Never, true, "", OutcomeKind.Deferred)] // in place of a connection whose handshake broke
    [InlineData(StartTlsUse.Never, false, "", OutcomeKind.Bounced)] // we never want TLS, and it takes nothing without
    public void That_a_peer_wants_TLS_is_no_refusal_of_the_mail_where_we_wanted_it_too(StartTlsUse use, bool isFallback, string tls, OutcomeKind fate)
    {
        var demands = new ClientDemands { StartTls = use, IsTlsFallback = isFallback };
        var pipelined = "C: MAIL FROM:<from@sender.test>\nC: RCPT TO:<a@b.test>\nC: DATA\nS: 530 5.7.0 Must issue STARTTLS first\n";
        var result = ScriptedServer.Play(Offered + tls + pipelined + "S: 503 x\nS: 503 x", demands, Mail.To("a@b.test"));
        var outcome = Assert.Single(result.Outcomes);
        Assert.Equal((fate, 530), (outcome.Kind, outcome.Reply.Code));
    }

    [Fact]
    public void Tls_is_not_asked_for_again_inside_itself_nor_when_it_is_not_wanted()
    {
        ScriptedServer.Play(
            Offered + "C: STARTTLS\nS: 220 go\nT:\nC: EHLO relay.test\nS: 250-mx.test\nS: 250 STARTTLS\nC: QUIT", Must);
        ScriptedServer.Play(Offered + "C: QUIT", ClientDemands.Default);
    }

    [Theory]
    [InlineData("S: 250 injected")]
    [InlineData("R: 2")]
    [InlineData("R: \\x16\\x03\\x03")]
    [InlineData("S: 250-mx.test\nS: 250 AUTH PLAIN")]
    public void What_came_behind_220_in_the_clear_fails_the_connection_and_is_no_reply(string injected)
    {
        foreach (var use in new[] { StartTlsUse.WhenOffered, StartTlsUse.Required })
        {
            var result = Play(use, $"{Offered}C: STARTTLS\nS: 220 go\n{injected}");
            Assert.Equal(ClientStep.Failed, result.LastStep);
            Assert.Equal(
                (ClientStage.Tls, "451 4.7.0 Something was sent in the clear between STARTTLS and its handshake", ClientFailureKind.Connection),
                (result.Failure!.Value.Stage, result.Failure.Value.Reply.ToString(), result.Failure.Value.Kind));
            Assert.EndsWith("STARTTLS\r\n", result.Sent, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("454 4.7.0 TLS not available")]
    [InlineData("501 5.5.4 no")]
    [InlineData("502 what")]
    public void A_refused_Starttls_goes_on_in_the_clear_or_fails_as_it_is_demanded(string reply)
    {
        ScriptedServer.Play($"{Offered}C: STARTTLS\nS: {reply}\nC: QUIT", May);
        var result = ScriptedServer.Play($"{Offered}C: STARTTLS\nS: {reply}", Must);
        Assert.Equal(
            (ClientStage.Tls, $"{Refused}refused it: {reply}", ClientFailureKind.Tls),
            (result.Failure!.Value.Stage, result.Failure.Value.Reply.ToString(), result.Failure.Value.Kind));
    }

    [Theory]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250 mx.test\n")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 502 no\nC: HELO relay.test\nS: 250 mx.test\n")]
    public void Without_an_offer_it_goes_on_in_the_clear_or_fails_as_it_is_demanded(string opening)
    {
        ScriptedServer.Play(opening + "C: QUIT", May);
        var result = ScriptedServer.Play(opening, Must);
        Assert.Equal($"{Refused}does not offer it", result.Failure!.Value.Reply.ToString());
        Assert.Equal(ClientFailureKind.Tls, result.Failure.Value.Kind);
        Assert.DoesNotContain("MAIL", result.Sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("S: 421 bye", "421 bye")]
    [InlineData("S: 250 ok", "451 4.5.0")]
    [InlineData("S: 354 ok", "451 4.5.0")]
    [InlineData("S: 2x0 ok", "451 4.5.0")]
    [InlineData("X:", "421 4.4.2")]
    [InlineData("R: 220 o\nX:", "421 4.4.2")]
    [InlineData("S: 220 go\nX:", "421 4.4.2")]
    [InlineData("S: 220 go\nT:\nC: EHLO relay.test\nX:", "421 4.4.2", ClientStage.Helo)]
    public void What_breaks_over_Starttls_is_told_from_other_trouble(string said, string reply, ClientStage stage = ClientStage.Tls)
    {
        foreach (var use in new[] { StartTlsUse.WhenOffered, StartTlsUse.Required })
        {
            var failure = Play(use, Offered + "C: STARTTLS\n" + said).Failure!.Value;
            Assert.Equal((stage, ClientFailureKind.Tls), (failure.Stage, failure.Kind));
            Assert.StartsWith(reply, failure.Reply.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("X:")]
    [InlineData("S: 421 bye")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nX:")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 421 bye")]
    [InlineData(Offered + "C: STARTTLS\nS: 454 no\nX:")]
    [InlineData(Offered + "C: STARTTLS\nS: 220 go\nT:\nC: EHLO relay.test\nS: 421 bye")]
    [InlineData(Offered + "C: STARTTLS\nS: 220 go\nT:\nC: EHLO relay.test\nS: 250 mx.test\nX:")]
    public void Other_trouble_is_none_of_TLS(string script) =>
        Assert.Equal(ClientFailureKind.Connection, ScriptedServer.Play(script, May).Failure!.Value.Kind);

    [Fact]
    public void A_handshake_that_fails_is_a_lost_connection_of_its_stage()
    {
        var dialogue = new ClientDialogue(new ClientDialogueOptions("relay.test"), Must);
        var output = new ArrayBufferWriter<byte>();
        var input = new ReadOnlySequence<byte>("220 x\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n"u8.ToArray());
        Assert.Equal(ClientStep.StartTls, dialogue.Advance(ref input, output));
        Assert.Equal(ClientStep.StartTls, dialogue.Advance(ref input, output));
        Assert.Equal(ClientStage.Tls, dialogue.Stage);
        dialogue.ConnectionLost();
        Assert.Equal(ClientStep.Failed, dialogue.Advance(ref input, output));
        Assert.Equal(ClientStage.Tls, dialogue.Failure!.Value.Stage);
        Assert.Throws<InvalidOperationException>(() => dialogue.TlsStarted(output));
    }

    [Theory]
    [InlineData("S: 220 Relay.Test ESMTP")]
    [InlineData("S: 220 relay.test.")]
    [InlineData("S: 220-relay.test hello\nS: 220 x")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250-RELAY.TEST greets you\nS: 250 PIPELINING")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 502 no\nC: HELO relay.test\nS: 250 relay.test")]
    [InlineData("S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 x\nT:\nC: EHLO relay.test\nS: 250 relay.test")]
    public void A_peer_with_our_own_name_is_ourselves(string script)
    {
        var failure = ScriptedServer.Play(script, May).Failure!.Value;
        Assert.Equal(ClientFailureKind.Loop, failure.Kind);
        Assert.Equal("554 5.4.6 The next hop has our own name: mail loops back to this host", failure.Reply.ToString());
    }

    [Theory]
    [InlineData("220 xrelay.test")]
    [InlineData("220 relay.testx")]
    [InlineData("220 mx.test relay.test")]
    [InlineData("220")]
    public void A_peer_with_another_name_is_another(string greeting) =>
        ScriptedServer.Play($"S: {greeting}\nC: EHLO relay.test\nS: 250 mx.test relay.test\nC: QUIT", May);
}

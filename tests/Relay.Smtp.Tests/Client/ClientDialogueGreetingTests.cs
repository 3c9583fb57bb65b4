using Relay.Smtp.Client;

namespace Relay.Smtp.Tests.Client;

public sealed class ClientDialogueGreetingTests
{
    [Fact]
    public void Ehlo_follows_the_greeting_and_Quit_closes()
    {
        var result = ScriptedServer.Play("""
            S: 220-mx.test
            S: 220 ready
            C: EHLO relay.test
            S: 250-mx.test hello
            S: 250-pipelining
            S: 250-8BitMime
            S: 250-SMTPUTF8
            S: 250-DSN
            S: 250-ENHANCEDSTATUSCODES
            S: 250-Chunking
            S: 250-STARTTLS
            S: 250-X-UNKNOWN with words
            S: 250-AUTH=LOGIN
            S: 250 size 35000000
            C: QUIT
            S: 221 2.0.0 bye
            """);
        Assert.Equal(ClientStep.Closed, result.LastStep);
        Assert.Null(result.Failure);
        Assert.False(result.IsUsable);
        var capabilities = result.Capabilities;
        Assert.True(capabilities.IsExtended && capabilities.HasPipelining && capabilities.Has8BitMime && capabilities.HasSmtpUtf8);
        Assert.True(capabilities.HasDsn && capabilities.HasEnhancedStatusCodes && capabilities.HasChunking && capabilities.HasStartTls);
        Assert.True(capabilities.HasSize);
        Assert.Equal(35_000_000, capabilities.SizeMax);
    }

    [Theory]
    [InlineData("SIZE", true, null)]
    [InlineData("SIZE 0", true, null)]
    [InlineData("SIZE 1", true, 1L)]
    [InlineData("SIZE  52428800 ", true, 52_428_800L)]
    [InlineData("SIZE 99999999999999999999", true, null)]
    [InlineData("SIZE -5", true, null)]
    [InlineData("SIZE 10MB", true, null)]
    [InlineData("SIZES 10", false, null)]
    [InlineData("", false, null)]
    [InlineData(" SIZE 10", false, null)]
    public void Size_is_a_limit_only_when_it_is_a_number_over_zero(string line, bool isOffered, long? limit)
    {
        var result = ScriptedServer.Play($"S: 220 mx.test\nC: EHLO relay.test\nS: 250-mx.test\nS: 250 {line}");
        Assert.Equal(isOffered, result.Capabilities.HasSize);
        Assert.Equal(limit, result.Capabilities.SizeMax);
        Assert.Equal(ClientStep.Ready, result.LastStep);
    }

    [Fact]
    public void The_first_line_of_the_reply_to_Ehlo_offers_nothing()
    {
        var result = ScriptedServer.Play("S: 220 mx.test\nC: EHLO relay.test\nS: 250 PIPELINING");
        Assert.True(result.Capabilities.IsExtended);
        Assert.False(result.Capabilities.HasPipelining);
    }

    [Theory]
    [InlineData("500 5.5.1 what")]
    [InlineData("502 no")]
    [InlineData("550 go away")]
    public void Helo_is_tried_when_Ehlo_is_refused(string refusal)
    {
        var result = ScriptedServer.Play($"""
            S: 220 mx.test
            C: EHLO relay.test
            S: {refusal}
            C: HELO relay.test
            S: 250-PIPELINING
            S: 250 PIPELINING
            """);
        Assert.Equal(ClientStep.Ready, result.LastStep);
        Assert.False(result.Capabilities.IsExtended);
        Assert.False(result.Capabilities.HasPipelining);
    }

    [Theory]
    [InlineData("S: 554 5.7.1 not you", ClientStage.Greeting, "554 5.7.1 not you")]
    [InlineData("S: 450 later", ClientStage.Greeting, "450 later")]
    [InlineData("S: 421 4.3.2 closing", ClientStage.Greeting, "421 4.3.2 closing")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 450 4.7.0 busy", ClientStage.Helo, "450 4.7.0 busy")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 421 4.7.0 busy", ClientStage.Helo, "421 4.7.0 busy")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 502 no\nC: HELO relay.test\nS: 550 no", ClientStage.Helo, "550 no")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 502 no\nC: HELO relay.test\nS: 450 no", ClientStage.Helo, "450 no")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 500 no\nC: HELO relay.test\nS: 421 4.3.2 closing", ClientStage.Helo, "421 4.3.2 closing")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 502 no\nC: HELO relay.test\nX:", ClientStage.Helo, "502 no")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 550 5.7.1 not you\nC: HELO relay.test\nX:", ClientStage.Helo, "550 5.7.1 not you")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 550 5.7.1 not you\nC: HELO relay.test\nR: 421\nX:", ClientStage.Helo, "550 5.7.1 not you")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 550 5.7.1 not you\nC: HELO relay.test\nS: 503 still here?", ClientStage.Helo, "550 5.7.1 not you")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 550 5.7.1 not you\nC: HELO relay.test\nS: 421 closing", ClientStage.Helo, "550 5.7.1 not you")]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 550 5.7.1 not you\nC: HELO relay.test\nS: what?", ClientStage.Helo, "550 5.7.1 not you")]
    public void A_refusal_before_any_transaction_is_reported_with_its_stage_and_reply(string script, ClientStage stage, string reply)
    {
        var result = ScriptedServer.Play(script);
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(stage, result.Failure!.Value.Stage);
        Assert.Equal(reply, result.Failure.Value.Reply.ToString());
        Assert.Empty(result.Transactions);
        Assert.False(result.IsUsable);
    }

    [Theory]
    [InlineData("X:", ClientStage.Greeting)]
    [InlineData("R: 220-half\nX:", ClientStage.Greeting)]
    [InlineData("S: 220 x\nC: EHLO relay.test\nX:", ClientStage.Helo)]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 250 x\nX:", ClientStage.Mail)]
    public void A_lost_connection_is_a_temporary_failure(string script, ClientStage stage)
    {
        var result = ScriptedServer.Play(script);
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(stage, result.Failure!.Value.Stage);
        Assert.Equal("421 4.4.2 Connection to the next hop lost", result.Failure.Value.Reply.ToString());
    }

    [Theory]
    [InlineData("S: 354 go", ClientStage.Greeting)]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 334 x", ClientStage.Helo)]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 250 x\nS: 250 again", ClientStage.Mail)]
    [InlineData("S: 220 x\nC: EHLO relay.test\nS: 250 x\nS: 554 unasked", ClientStage.Mail)]
    public void A_reply_that_fits_no_command_fails_the_connection(string script, ClientStage stage)
    {
        var result = ScriptedServer.Play(script);
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Equal(stage, result.Failure!.Value.Stage);
        Assert.Equal("4.5.0", result.Failure.Value.Reply.Status.ToString());
        Assert.True(result.Failure.Value.Reply.IsTemporary);
    }

    [Fact]
    public void An_idle_peer_that_says_421_is_believed()
    {
        var result = ScriptedServer.Play("S: 220 x\nC: EHLO relay.test\nS: 250 x\nS: 421 4.4.2 idle too long");
        Assert.Equal("421 4.4.2 idle too long", result.Failure!.Value.Reply.ToString());
        Assert.Equal(ClientStep.Failed, result.LastStep);
    }

    [Theory]
    [InlineData("S: 550 whatever")]
    [InlineData("S: 421 closing")]
    [InlineData("S: nonsense")]
    [InlineData("X:")]
    public void After_Quit_anything_closes(string answer)
    {
        var result = ScriptedServer.Play($"S: 220 x\nC: EHLO relay.test\nS: 250 x\nC: QUIT\n{answer}");
        Assert.Equal(ClientStep.Closed, result.LastStep);
        Assert.Null(result.Failure);
    }

    [Theory]
    [InlineData("mixed", "250-mx.test\nS: 550 no")]
    [InlineData("text", "hello")]
    [InlineData("short", "25")]
    [InlineData("class 1", "150 x")]
    [InlineData("class 6", "650 x")]
    [InlineData("separator", "250_x")]
    [InlineData("letters", "2x0 x")]
    [InlineData("NUL", "\\0250 x")]
    [InlineData("empty", "")]
    [InlineData("bare LF", "250 a\\nb")]
    public void A_malformed_reply_fails_the_connection_as_temporary(string what, string reply)
    {
        var result = ScriptedServer.Play($"S: 220 x\nC: EHLO relay.test\nS: {reply}");
        Assert.True(ClientStep.Failed == result.LastStep, what);
        Assert.Equal(ClientStage.Helo, result.Failure!.Value.Stage);
        Assert.Equal(451, result.Failure.Value.Reply.Code);
        Assert.Equal("4.5.0", result.Failure.Value.Reply.Status.ToString());
    }

    [Fact]
    public void An_endless_list_of_capabilities_is_cut_off_at_the_cap()
    {
        const string Opening = "S: 220 x\nC: EHLO relay.test\n";
        string Lines(int count) => string.Concat(Enumerable.Repeat("S: 250-X\n", count));
        Assert.Equal(ClientStep.Ready, ScriptedServer.Play(Opening + Lines(99) + "S: 250 X").LastStep);
        var result = ScriptedServer.Play(Opening + Lines(100));
        Assert.Equal(ClientStep.Failed, result.LastStep);
        Assert.Contains("too many lines", result.Failure!.Value.Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_line_is_cut_off_at_the_cap()
    {
        var fits = $"S: 220 {new string('x', 2048 - 6)}\nC: EHLO relay.test";
        Assert.Equal(ClientStep.NeedInput, ScriptedServer.Play(fits).LastStep);
        Assert.Equal(ClientStep.Failed, ScriptedServer.Play($"R: 220 {new string('x', 2048 - 3)}").LastStep);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nMAIL")]
    [InlineData("bücher.test")]
    [InlineData("a<b>")]
    public void A_host_name_that_cannot_stand_in_Ehlo_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new ClientDialogue(new ClientDialogueOptions(name)));
}

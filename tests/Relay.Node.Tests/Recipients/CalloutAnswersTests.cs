using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Recipients;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Tests.Recipients;

public sealed class CalloutAnswersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CalloutLimits _limits = new();

    [Fact]
    public void A_known_recipient_is_asked_for_again_after_a_day_and_believed_for_a_week()
    {
        var answers = new CalloutAnswers(_limits, _time);
        answers.Keep(Key("a"), RecipientFinding.Known);
        _time.Advance(_limits.RefreshTime - TimeSpan.FromSeconds(1));
        Assert.Equal((RecipientFinding.Known, false), (answers.Find(Key("a"), out var isDue), isDue));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((RecipientFinding.Known, true), (answers.Find(Key("a"), out isDue), isDue));
        answers.Keep(Key("a"), RecipientFinding.Trouble);
        _time.Advance(_limits.KnownTime - _limits.RefreshTime - TimeSpan.FromSeconds(1));
        Assert.Equal((RecipientFinding.Known, true), (answers.Find(Key("a"), out isDue), isDue));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(answers.Find(Key("a"), out _));
    }

    [Fact]
    public void An_unknown_recipient_may_be_made_soon()
    {
        var answers = new CalloutAnswers(_limits, _time);
        answers.Keep(Key("a"), RecipientFinding.Unknown);
        _time.Advance(_limits.UnknownTime - TimeSpan.FromSeconds(1));
        Assert.Equal((RecipientFinding.Unknown, false), (answers.Find(Key("a"), out var isDue), isDue));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(answers.Find(Key("a"), out _));
    }

    [Fact]
    public void Another_route_is_another_answer()
    {
        var answers = new CalloutAnswers(_limits, _time);
        answers.Keep(Key("a"), RecipientFinding.Known);
        Assert.Null(answers.Find(Key("a") with { Route = new RouteTarget("smtp", "mail.example", 25) }, out _));
    }

    [Fact]
    public void Whoever_tries_out_addresses_makes_nobody_forgotten()
    {
        var answers = new CalloutAnswers(_limits with { KnownMax = 10, UnknownMax = 10 }, _time);
        for (var i = 0; i < 10; i++)
        {
            answers.Keep(Key($"user{i}"), RecipientFinding.Known);
        }

        for (var i = 0; i < 1000; i++)
        {
            answers.Keep(Key($"guess{i}"), RecipientFinding.Unknown);
        }

        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(RecipientFinding.Known, answers.Find(Key($"user{i}"), out _)));
        Assert.Equal(10, Enumerable.Range(0, 1000).Count(i => answers.Find(Key($"guess{i}"), out _) is not null));
        Assert.Equal(RecipientFinding.Unknown, answers.Find(Key("guess999"), out _));
    }

    [Fact]
    public void The_last_clear_answer_holds_and_none_is_invented() =>
        Gen.Select(Gen.Int[0, 3], Gen.Enum<RecipientFinding>()).Array[1, 60].Sample(said =>
        {
            var answers = new CalloutAnswers(_limits, _time);
            var last = new Dictionary<int, RecipientFinding>();
            foreach (var (who, finding) in said)
            {
                answers.Keep(Key($"{who}"), finding);
                if (finding is RecipientFinding.Known or RecipientFinding.Unknown)
                {
                    last[who] = finding;
                }
            }

            for (var i = 0; i < 4; i++)
            {
                Assert.Equal(last.TryGetValue(i, out var finding) ? finding : (RecipientFinding?)null, answers.Find(Key($"{i}"), out _));
            }
        });

    [Theory]
    [InlineData(ClientStage.Rcpt, 250, "2.1.5", RecipientFinding.Known)]
    [InlineData(ClientStage.Rcpt, 251, "", RecipientFinding.Known)]
    [InlineData(ClientStage.Rcpt, 252, "", RecipientFinding.Known)]
    [InlineData(ClientStage.Rcpt, 550, "5.1.1", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 550, "", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 551, "", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 553, "5.1.3", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 554, "5.1.1", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 550, "5.1.10", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 550, "5.1.7", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 553, "5.1.8", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 550, "5.2.1", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 550, "5.4.1", RecipientFinding.Unknown)]
    [InlineData(ClientStage.Rcpt, 552, "5.2.2", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 550, "5.2.2", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 550, "5.7.1", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 554, "5.7.1", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 554, "", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 503, "5.5.1", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 450, "4.1.1", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Rcpt, 421, "", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Mail, 550, "5.1.1", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Greeting, 554, "", RecipientFinding.Trouble)]
    [InlineData(ClientStage.Connect, 550, "5.1.2", RecipientFinding.Trouble)]
    public void Only_a_clear_answer_at_RCPT_tells_of_the_recipient(ClientStage stage, int code, string status, RecipientFinding finding)
    {
        short[] parts = [.. status.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(part => short.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];
        var enhanced = parts.Length == 3 ? new EnhancedStatus(parts[0], parts[1], parts[2]) : EnhancedStatus.None;
        var kind = code < 300 ? OutcomeKind.Delivered : code < 500 ? OutcomeKind.Deferred : OutcomeKind.Bounced;
        Assert.Equal(finding, CalloutOutcome.Read(new RecipientOutcome(kind, stage, new SmtpReply(code, enhanced, "x"))));
    }

    private static CalloutKey Key(string name) => new(null, name + "@relay.example");
}

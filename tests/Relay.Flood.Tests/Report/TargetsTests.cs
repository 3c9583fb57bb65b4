using Relay.Flood.Load;
using Relay.Flood.Report;
using Relay.Flood.Scenarios;

namespace Relay.Flood.Tests.Report;

public sealed class TargetsTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(4, 14)] // 10 ms more
    [InlineData(20, 30)] // both
    [InlineData(100, 150)] // half as much again
    public void P99_may_be_half_as_much_again_or_ten_milliseconds_more(double baseline, double most) => Assert.Equal(most, Targets.P99Max(baseline));

    [Theory]
    [InlineData(2.5, 40, 20, 90)]
    [InlineData(1.0 / 60, 10, 59, 10)]
    public void A_bound_is_rate_times_time_and_burst(double rate, double burst, int seconds, double bound) =>
        Assert.Equal(bound, Targets.BoundOf(rate, burst, TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_run_in_which_nobody_felt_anything_passes() => Assert.All(Judge(Report()), verdict => Assert.True(verdict.Passed, verdict.Name));

    [Theory]
    [InlineData(1000, 980, true)]
    [InlineData(1000, 979, false)]
    [InlineData(980, 1000, true)]
    [InlineData(979, 1000, false)]
    [InlineData(200, 200, false)] // the same in both, and most is lost
    [InlineData(217, 1000, false)] // better than a broken baseline
    public void Goodput_is_held_against_what_was_due_in_the_baseline_too(long baseline, long flood, bool passes)
    {
        var report = Report() with { Baseline = Load(1000, baseline), Flood = Load(1000, flood) };
        Assert.Equal(passes, Find("goodput", report).Passed);
    }

    [Fact]
    public void Goodput_says_what_it_was_without_a_flood()
    {
        var verdict = Find("goodput", Report() with { Baseline = Load(1000, 200), Flood = Load(2000, 1998) });
        Assert.Equal(("99.9 % of what was due, baseline 20.0 %", "at least 98 % in both"), (verdict.Measured, verdict.Target));
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(15.1, false)]
    public void P99_is_held_against_the_baseline(double p99, bool passes) =>
        Assert.Equal(passes, Find("p99", Report() with { Flood = Load(1000, 1000, p99: p99) }).Passed);

    [Fact]
    public void Nothing_accepted_is_no_success() =>
        Assert.False(Find("p99", Report() with { Flood = Load(1000, 0, failed: 1000) with { P99 = null } }).Passed);

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(2, 0, 1)]
    public void One_legitimate_message_that_is_refused_or_failed_in_any_phase_fails(int phase, long refused, long failed)
    {
        var lost = Load(1000, 999, failed) with { Refused = refused };
        var report = phase switch
        {
            0 => Report() with { Baseline = lost },
            1 => Report() with { Flood = lost },
            _ => Report() with { Recovery = lost },
        };
        var verdict = Find("refused", report);
        Assert.Equal((false, $"{refused} legitimate messages, {failed} failed"), (verdict.Passed, verdict.Measured));
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(91, false)]
    public void An_attacker_is_held_against_its_bound(long admitted, bool passes)
    {
        var report = Report();
        Assert.Equal(passes, Find("admitted", report with { Attack = report.Attack with { AdmittedOfOne = admitted } }).Passed);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void An_attack_that_never_got_through_has_shown_nothing(long landed, bool passes)
    {
        var report = Report();
        Assert.Equal(passes, Find("attack", report with { Attack = report.Attack with { Landed = landed } }).Passed);
        Assert.DoesNotContain(Targets.Judge(Everything with { Attackers = 0 }, report, spoolShareBytes: null), verdict => verdict.Name == "attack");
    }

    [Fact]
    public void A_bound_that_is_not_known_is_not_judged()
    {
        var report = Report();
        Assert.DoesNotContain(Judge(report with { Attack = report.Attack with { BoundOfOne = null } }), verdict => verdict.Name == "admitted");
        Assert.DoesNotContain(Targets.Judge(Everything, report, spoolShareBytes: null), verdict => verdict.Name.StartsWith("spool", StringComparison.Ordinal));
        Assert.DoesNotContain(Judge(report with { Missing = null }), verdict => verdict.Name == "delivered");
    }

    [Fact]
    public void What_is_not_judged_is_said()
    {
        var report = Report() with { Nodes = [Node("a", 100, 100, 0)] };
        Assert.Empty(Targets.NotJudged(Everything, report, 32 * Mebibyte));
        Assert.Equal(
            ["delivered: there is no --sink", "admitted: no --limit is given", "memory: no --api is given", "spool: no --api is given", "spool: no --spool-share is given", "log: only nodes of its own show theirs"],
            Targets.NotJudged(Everything, report with { Missing = null, Nodes = [], Attack = report.Attack with { BoundOfOne = null } }, spoolShareBytes: null));
        Assert.Equal(
            ["delivered: there is no --sink"],
            Targets.NotJudged(new Scenario { Name = "nothing", Description = "" }, report with { Missing = null, Nodes = [] }, spoolShareBytes: null));
    }

    [Fact]
    public void A_node_that_did_not_say_how_it_fared_fails()
    {
        var report = Report() with { Nodes = [Node("a", 100, 100, 0) with { FloodMemory = null, FloodSpool = null }] };
        Assert.Equal((false, "the node did not say"), (Find("memory of a", report).Passed, Find("memory of a", report).Measured));
        Assert.False(Find("spool of a", report).Passed);
        Assert.False(Find("mail of a", report with { Nodes = [Node("a", 100, 100, 0) with { FloodMail = null }] }).Passed);
        Assert.False(Find("mail of a", report with { Nodes = [Node("a", 100, 100, 0) with { BaselineMail = null }] }).Passed);
        Assert.False(Find("memory of a", report with { Nodes = [Node("a", 0, 100, 0)] }).Passed);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void What_attackers_fill_of_the_log_is_held_against_their_shares_too(long mebibytes, bool passes) =>
        Assert.Equal(passes, Find("log of a", Report() with { Nodes = [Node("a", 100, 100, 0) with { Log = mebibytes * Mebibyte }] }).Passed);

    [Theory]
    [InlineData(115, true)]
    [InlineData(116, false)]
    public void Memory_of_every_node_is_held_against_the_baseline(long mebibytes, bool passes)
    {
        var report = Report() with { Nodes = [Node("a", 100, 100, 0), Node("b", 100, mebibytes, 0)] };
        Assert.True(Find("memory of a", report).Passed);
        Assert.Equal(passes, Find("memory of b", report).Passed);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Mail_of_attackers_is_held_against_their_shares(long mebibytes, bool passes) =>
        Assert.Equal(passes, Find("mail of a", Report() with { Nodes = [Node("a", 100, 100, 0) with { FloodMail = (5 + mebibytes) * Mebibyte }] }).Passed);

    [Theory]
    [InlineData(160, true)]
    [InlineData(161, false)]
    public void Files_of_the_spool_are_held_against_what_such_mail_can_take(long mebibytes, bool passes) =>
        Assert.Equal(passes, Find("spool of a", Report() with { Nodes = [Node("a", 100, 100, mebibytes)] }).Passed);

    [Fact]
    public void A_message_that_was_accepted_and_did_not_arrive_fails() => Assert.False(Find("delivered", Report() with { Missing = 1 }).Passed);

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(null, false)]
    public void Recovery_takes_five_seconds(int? seconds, bool passes) =>
        Assert.Equal(passes, Find("recovery", Report() with { RecoverySeconds = seconds }).Passed);

    [Fact]
    public void Recovered_is_from_when_on_p99_stays_low()
    {
        var seconds = Seconds(80, 70, 5, 90, 5, 5, 5, 5);
        Assert.Equal(4, Targets.SecondsToRecover(5, seconds));
        Assert.Null(Targets.SecondsToRecover(4, seconds));
        Assert.Equal(0, Targets.SecondsToRecover(80, seconds));
    }

    [Fact]
    public void Nobody_has_recovered_while_messages_fail()
    {
        var seconds = Seconds(5, 5, 5, 5);
        seconds[1].CountFailed();
        Assert.Equal(2, Targets.SecondsToRecover(5, seconds));
        seconds[3].CountRefused();
        Assert.Null(Targets.SecondsToRecover(5, seconds));
    }

    private static readonly Scenario Everything = new()
    {
        Name = "everything",
        Description = "all that can be judged",
        JudgesMemory = true,
        JudgesSpool = true,
        Attackers = 2,
    };

    private static IReadOnlyList<Verdict> Judge(ScenarioReport report) => Targets.Judge(Everything, report, 32 * Mebibyte);

    private static Verdict Find(string name, ScenarioReport report) => Assert.Single(Judge(report), verdict => verdict.Name == name);

    private static LoadFigures Load(long offered, long accepted, long failed = 0, double p99 = 5) =>
        new(offered, accepted, 0, failed, 2, p99, 9, 5, 9);

    private static NodeFigures Node(string name, long before, long beside, long spool) =>
        new(name, 0.1, 0.2, before * Mebibyte, beside * Mebibyte, 10 * Mebibyte, (10 + spool) * Mebibyte, 5 * Mebibyte, 5 * Mebibyte, 0);

    private static ScenarioReport Report() => SampleReport.Of("everything") with { Nodes = [Node("a", 100, 100, 0)] };

    private static List<LoadSecond> Seconds(params int[] milliseconds) => [.. milliseconds.Select(SecondOf)];

    private static LoadSecond SecondOf(int milliseconds)
    {
        var second = new LoadSecond();
        for (var i = 0; i < 100; i++)
        {
            second.CountAccepted(TimeSpan.FromMilliseconds(milliseconds));
        }

        return second;
    }
}

using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

/// <summary>Days of schedule, outage, warning and expiry, lived through in a moment.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void A_message_that_is_never_taken_is_tried_by_the_schedule_warned_of_once_and_returned_after_five_days()
    {
        var queue = new TestQueue();
        var id = queue.Admit("a@one.example");
        var attempts = new List<DateTimeOffset>();
        var warned = new List<DateTimeOffset>();
        OwedReport? failed = null;
        while (queue.State.Count > 0)
        {
            foreach (var item in queue.Pull("one.example"))
            {
                attempts.Add(queue.Now);
                queue.Finish(item, OutcomeKind.Deferred);
            }

            queue.Pass((queue.State.NextDue ?? queue.Now.AddMinutes(1)) - queue.Now);
            foreach (var report in queue.MakeReports())
            {
                Assert.Equal("from@x.example", report.Sender);
                if (report.Kind == ReportKind.Delayed)
                {
                    warned.Add(queue.Now);
                    Assert.Equal(TestQueue.Start + (5 * Day), report.GivenUpAt);
                }
                else
                {
                    failed = report;
                }
            }
        }

        TimeSpan[] schedule = [.. new[] { 5, 15, 30, 60, 60, 60, 60, 240 }.Select(static m => TimeSpan.FromMinutes(m))];
        for (var i = 1; i < attempts.Count; i++)
        {
            var expected = schedule[Math.Min(i, schedule.Length) - 1];
            Assert.InRange(attempts[i] - attempts[i - 1], expected * 0.9, expected * 1.1);
        }

        Assert.InRange(attempts.Count, 30, 40);
        Assert.Equal([TestQueue.Start.AddHours(4)], warned);
        Assert.NotNull(failed);
        Assert.Equal(TestQueue.Start + (5 * Day), queue.Now);
        // The peer's last words, and that it never said no.
        Assert.Equal((OutcomeKind.Deferred, 450), (failed.Progress[0].Last!.Kind, failed.Progress[0].Last!.Reply.Code));
        Assert.Equal([id], queue.Removed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_site_that_could_not_be_reached_is_announced_when_its_rest_is_over_however_much_waits(int messages)
    {
        var queue = new TestQueue();
        for (var i = 0; i < messages; i++)
        {
            queue.Admit("a@one.example");
        }

        for (var outage = 0; outage < 3; outage++)
        {
            queue.FailSite(TestQueue.Route("one.example"), queue.Pull("one.example"));
            queue.Announced.Clear();
            queue.Pass(TimeSpan.FromMinutes(15));
            Assert.Single(queue.Announced);
        }
    }

    [Fact]
    public void Retries_of_messages_that_failed_together_are_spread()
    {
        var queue = new TestQueue();
        for (var i = 0; i < 1000; i++)
        {
            queue.Admit("a@one.example");
        }

        foreach (var item in queue.Pull("one.example", 1000))
        {
            queue.Finish(item, OutcomeKind.Deferred);
        }

        queue.Pass(TimeSpan.FromMinutes(5) * 0.89);
        Assert.Empty(queue.Pull("one.example", 1000));
        queue.Pass(TimeSpan.FromMinutes(5) * 0.11);
        Assert.InRange(queue.Pull("one.example", 1000).Length, 400, 600);
        queue.Pass(TimeSpan.FromMinutes(5) * 0.11);
        Assert.InRange(queue.Pull("one.example", 1000).Length, 400, 600);
    }

    [Fact]
    public void A_day_of_outage_costs_a_hundred_attempts_for_all_messages_together_and_writes_nothing()
    {
        var queue = new TestQueue();
        for (var i = 0; i < 500; i++)
        {
            queue.Admit("a@one.example");
        }

        var key = TestQueue.Route("one.example");
        FailAtOnce(queue, key);
        var probes = 0;
        for (var end = TestQueue.Start + Day; queue.Now < end && queue.State.NextDue is { } due;)
        {
            queue.Announced.Clear();
            queue.Pass(due - queue.Now);
            if (queue.Announced.Count > 0)
            {
                var probe = Assert.Single(queue.Pull(key, 64));
                Assert.Empty(queue.Pull(key, 64));
                queue.FailSite(key, probe);
                probes++;
            }

            queue.MakeReports(); // the warnings of the fourth hour
        }

        Assert.InRange(probes, 90, 150);
        Assert.Equal(500, queue.Saves); // those warnings, once for each message
        Assert.All(queue.State.Messages, static message => Assert.Equal(0, message.Recipients[0].Progress.Attempts));
        queue.Pass(TimeSpan.FromMinutes(16));
        var first = Assert.Single(queue.Pull(key, 64));
        queue.Announced.Clear();
        queue.Finish(first, OutcomeKind.Delivered);
        Assert.Equal([key.Name], queue.Announced);
        Assert.Equal(64, queue.Pull(key, 64).Length);
        Assert.Equal(435, queue.Pull(key, 1000).Length);
    }

    [Fact]
    public void Mail_that_waits_for_a_dead_site_is_returned_in_time_with_the_sites_trouble()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example");
        var key = TestQueue.Route("one.example");
        FailAtOnce(queue, key);
        queue.Pass((5 * Day) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ReportKind.Delayed, Assert.Single(queue.MakeReports()).Kind);
        queue.Pass(TimeSpan.FromMilliseconds(1));
        var report = Assert.Single(queue.MakeReports());
        Assert.Equal((ReportKind.Failed, "451 4.4.1 refused"), (report.Kind, report.Progress[0].Last!.Reply.ToString()));
        Assert.Equal(0, queue.State.Count);
    }

    [Fact]
    public void Mail_that_was_never_tried_is_returned_in_time_and_a_failure_nobody_is_told_of_is_shown_from_then_on()
    {
        var queue = new TestQueue();
        queue.State.Sites.Pause(Known(queue), TestQueue.Start + (9 * Day), "it moves");
        queue.Admit("a@one.example");
        var silent = queue.AdmitFrom("", "a@one.example");
        queue.Pass(5 * Day);
        var report = queue.MakeReports().Single(static report => report.Kind == ReportKind.Failed);
        Assert.Equal((default, "451 4.4.7"), (report.Progress[0].LastAt, report.Progress[0].Last!.Reply.ToString()[..9]));
        Assert.Equal("failed", queue.View(silent).State);
        queue.Pass((5 * Day) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("failed", queue.View(silent).State);
        queue.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, queue.State.Count);
    }

    [Theory]
    [InlineData("", DsnNotify.Unspecified)]
    [InlineData("from@x.example", DsnNotify.Never)]
    [InlineData("from@x.example", DsnNotify.Success)]
    public void Where_nobody_may_be_told_the_failure_is_recorded_shown_and_forgotten_in_time(string sender, DsnNotify notify)
    {
        var queue = new TestQueue();
        var id = queue.Admit(queue.Message(sender, new EnvelopeRecipient(TestQueue.Path("a@one.example"), notify, null)));
        queue.Finish(Assert.Single(queue.Pull("one.example")), OutcomeKind.Bounced);
        Assert.Empty(queue.Owed);
        Assert.Equal("failed", queue.View(id).State);
        queue.Pass((5 * Day) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("failed", queue.View(id).State);
        Assert.Empty(queue.Owed);
        queue.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal([id], queue.Removed);
        Assert.Equal("forgotten", Assert.Single(queue.Events).Kind);
    }

    [Fact]
    public void Failures_that_are_only_shown_are_bounded_and_the_oldest_go_first()
    {
        var queue = new TestQueue(limits: new QueueLimits { FailedKeptMax = 3 });
        var ids = Enumerable.Range(0, 5).Select(_ => queue.AdmitFrom("", "a@one.example")).ToArray();
        foreach (var item in queue.Pull("one.example"))
        {
            queue.Finish(item, OutcomeKind.Bounced);
        }

        Assert.Equal(ids[..2], queue.Removed);
        Assert.Equal(3, queue.State.Count);
    }

    [Fact]
    public void Recipients_that_fail_one_after_another_are_reported_together()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example", "b@two.example");
        var (one, two) = (Assert.Single(queue.Pull("one.example")), Assert.Single(queue.Pull("two.example")));
        queue.Finish(one, OutcomeKind.Bounced);
        Assert.Empty(queue.Owed);
        queue.Pass(TimeSpan.FromSeconds(29));
        Assert.Empty(queue.Owed);
        queue.Finish(two, OutcomeKind.Bounced);
        Assert.Equal((int[])[0, 1], Assert.Single(queue.MakeReports()).Recipients.ToArray());
        Assert.Equal(0, queue.State.Count);
    }

    [Fact]
    public void One_that_hangs_does_not_keep_the_report_of_another_back_for_long()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example", "b@two.example");
        var one = Assert.Single(queue.Pull("one.example"));
        Assert.Single(queue.Pull("two.example"));
        queue.Finish(one, OutcomeKind.Bounced);
        queue.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal((int[])[0], Assert.Single(queue.MakeReports()).Recipients.ToArray());
    }

    [Theory]
    [InlineData(false, false, RecipientState.Relayed)]
    [InlineData(false, true, RecipientState.InMailbox)]
    [InlineData(true, false, null)]
    public void Success_is_reported_where_it_was_asked_for_and_the_next_hop_does_not(bool peerHasDsn, bool isFinal, RecipientState? told)
    {
        var queue = new TestQueue();
        var id = queue.Admit(queue.Message("from@x.example", new EnvelopeRecipient(TestQueue.Path("a@one.example"), DsnNotify.Success, null)));
        var facts = new AttemptFacts { PeerHasDsn = peerHasDsn, IsFinalDelivery = isFinal };
        queue.Finish(Assert.Single(queue.Pull("one.example")), facts, OutcomeKind.Delivered);
        if (told is { } state)
        {
            var report = Assert.Single(queue.MakeReports());
            Assert.Equal((ReportKind.Success, state), (report.Kind, report.Progress[0].State));
        }

        Assert.Equal([id], queue.Removed);
        Assert.Empty(queue.Owed);
    }

    [Fact]
    public void A_policy_with_a_shorter_life_holds_for_mail_that_is_there_already()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example");
        queue.Use("""{ "delivery": { "expire": "1h", "warnAfter": "30m" }, "routes": [ { "domain": "*", "to": "smtp://one.example:25" } ] }""");
        queue.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(ReportKind.Delayed, Assert.Single(queue.MakeReports()).Kind);
        queue.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(ReportKind.Failed, Assert.Single(queue.MakeReports()).Kind);
    }

    [Fact]
    public void A_report_over_its_limit_is_owed_anew_and_speaks_of_all_who_have_failed_by_then()
    {
        var queue = new TestQueue();
        queue.Admit("a@one.example", "b@two.example");
        queue.Finish(Assert.Single(queue.Pull("two.example")), OutcomeKind.Deferred);
        queue.Finish(Assert.Single(queue.Pull("one.example")), OutcomeKind.Bounced);
        var first = Assert.Single(queue.Owed);
        queue.Owed.Clear();
        queue.Pass(TimeSpan.FromMinutes(10));
        queue.Finish(Assert.Single(queue.Pull("two.example")), OutcomeKind.Bounced);
        Assert.Empty(queue.Owed); // the first is still under way
        queue.State.NotReported(first.Message, first.Kind, queue.At);
        queue.Pass(TimeSpan.Zero);
        Assert.Equal((int[])[0, 1], Assert.Single(queue.MakeReports()).Recipients.ToArray());
        Assert.Equal(0, queue.State.Count);
    }

    /// <summary>The site of one.example, known by a message that is gone.</summary>
    private static SiteBacklog Known(TestQueue queue)
    {
        queue.Admit("first@one.example");
        queue.Finish(Assert.Single(queue.Pull("one.example")), OutcomeKind.Delivered);
        return queue.State.Routes.FindSite(TestQueue.Route("one.example"))!;
    }

    private static void FailAtOnce(TestQueue queue, DestinationKey key)
    {
        var items = queue.Pull(key, 64);
        queue.FailSite(key, items);
        Assert.Empty(queue.Pull(key, 64));
    }
}

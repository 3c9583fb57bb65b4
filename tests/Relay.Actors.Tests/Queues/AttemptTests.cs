using Relay.Actors.Queues;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;

namespace Relay.Actors.Tests.Queues;

/// <summary>An attempt that tells of some recipients before its end, one that has no end, and when the next one comes.</summary>
public sealed class AttemptTests
{
    private readonly TestQueue _queue = new();

    [Fact]
    public void Whoever_was_delivered_to_stays_so_when_the_attempt_is_cut_and_the_others_are_due_as_before()
    {
        var id = _queue.Admit("a@one.example", "b@one.example", "c@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal((int[])[0, 1], _queue.Deliver(item, 0, 1)!.Value.Decided.ToArray());
        Assert.Equal(1, _queue.Saves);
        Assert.Equal(["delivered", "delivered", "active"], _queue.View(id).Recipients.Select(static r => r.State));
        Assert.Empty(_queue.Pull("one.example")); // the attempt goes on
        _queue.Cut(item);
        var cut = Assert.Single(_queue.Events);
        Assert.Equal(("interrupted", "c@one.example"), (cut.Kind, Assert.Single(cut.Addresses)));
        Assert.Equal(0, _queue.View(id).Recipients[2].Progress.Attempts);
        Assert.Equal((int[])[2], Assert.Single(_queue.Pull("one.example")).Recipients.ToArray());
    }

    [Fact]
    public void The_end_of_an_attempt_speaks_again_of_those_who_were_delivered_to_and_changes_nothing_of_them()
    {
        var id = _queue.Admit("a@one.example", "b@one.example", "c@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.Deliver(item, 1);
        _queue.Finish(item, OutcomeKind.Deferred);
        Assert.Equal(["deferred", "delivered", "deferred"], _queue.View(id).Recipients.Select(static r => r.State));
        Assert.Null(_queue.Deliver(item, 0)); // it is over
    }

    [Fact]
    public void The_last_delivery_of_an_attempt_may_be_told_before_its_end()
    {
        var id = _queue.Admit("a@one.example", "b@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.Deliver(item, 0);
        _queue.Deliver(item, 1);
        Assert.Empty(_queue.Removed);
        _queue.Finish(item, OutcomeKind.Delivered);
        Assert.Equal([id], _queue.Removed);
        Assert.Equal(0, _queue.State.Routes.Sites.Sum(static site => site.InFlight));
    }

    [Theory]
    [InlineData(QueueAction.Delete, "removed")]
    [InlineData(QueueAction.Bounce, "bouncing")]
    public void What_was_wanted_of_mail_in_flight_is_not_done_to_those_it_was_delivered_to(QueueAction action, string state)
    {
        var id = _queue.Admit("a@one.example", "b@one.example", "c@two.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.Change(action, new QueueSelection { Domain = "one.example" });
        _queue.Deliver(item, 0);
        _queue.Cut(item);
        Assert.Equal(["delivered", state, "queued"], _queue.View(id).Recipients.Select(static r => r.State));
        Assert.All(_queue.MakeReports(), static report => Assert.Equal((int[])[1], report.Recipients.ToArray()));
    }

    [Fact]
    public void Recipients_of_a_domain_do_not_set_out_in_two_attempts_at_once()
    {
        _queue.Admit("a@one.example", "b@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Deferred);
        _queue.Change(QueueAction.Retry, new QueueSelection { Recipient = "a@one.example" });
        var first = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal((int[])[0], first.Recipients.ToArray());
        _queue.Change(QueueAction.Retry, new QueueSelection { Recipient = "b@one.example" });
        Assert.Empty(_queue.Pull("one.example"));
        _queue.Finish(first, OutcomeKind.Delivered);
        Assert.Equal((int[])[1], Assert.Single(_queue.Pull("one.example")).Recipients.ToArray());
    }

    [Fact]
    public void Recipients_that_were_deferred_together_are_tried_together_again_and_fail_in_one_report()
    {
        _queue.Admit([.. Enumerable.Range(0, 40).Select(static i => $"u{i}@{(i % 2 == 0 ? "one" : "two")}.example")]);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var (one, two) = (Assert.Single(_queue.Pull("one.example")), Assert.Single(_queue.Pull("two.example")));
            Assert.Equal((20, 20), (one.Recipients.Length, two.Recipients.Length));
            _queue.Finish(one, OutcomeKind.Deferred);
            _queue.Pass(TimeSpan.FromSeconds(5));
            _queue.Finish(two, OutcomeKind.Deferred);
            _queue.Pass(_queue.State.NextDue!.Value - _queue.Now);
            Assert.Single(_queue.Announced.Distinct(), "smtp://one.example:25");
            _queue.Pass(TimeSpan.FromSeconds(5));
        }

        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Bounced);
        Assert.Empty(_queue.Owed);
        _queue.Finish(Assert.Single(_queue.Pull("two.example")), OutcomeKind.Bounced);
        Assert.Equal(40, Assert.Single(_queue.MakeReports()).Recipients.Length);
    }

    [Fact]
    public void Recipients_of_all_domains_that_one_next_hop_serves_go_in_one_attempt()
    {
        var queue = new TestQueue("""{ "routes": [ { "domain": "*", "to": "smtp://one.example:25" } ] }""");
        var id = queue.Admit("a@x.example", "b@y.example", "c@x.example", "d@z.example");
        var other = queue.Admit("a@y.example");
        var items = queue.Pull("one.example");
        Assert.Equal([id, other], items.Select(static item => item.Id));
        Assert.Equal((int[])[0, 1, 2, 3], items[0].Recipients.ToArray());
        var shown = Assert.Single(QueueSummaries.Destinations(queue.State.Routes.Sites, queue.State.Messages, new DestinationBoard()).Destinations);
        Assert.Equal((2, 2), (shown.Messages, shown.InFlight));
        Assert.Empty(queue.Pull("one.example")); // those that came along are not handed out once more
        queue.Finish(items[0], OutcomeKind.Deferred, OutcomeKind.Delivered, OutcomeKind.Bounced, OutcomeKind.Deferred);
        Assert.Equal(["deferred", "delivered", "bouncing", "deferred"], queue.View(id).Recipients.Select(static r => r.State));
        queue.Pass(TimeSpan.FromMinutes(6));
        var again = Assert.Single(queue.Pull("one.example"));
        Assert.Equal((int[])[0, 3], again.Recipients.ToArray());
        queue.Cut(again);
        Assert.Equal((int[])[0, 3], Assert.Single(queue.Pull("one.example")).Recipients.ToArray());
        queue.Finish(again, OutcomeKind.Delivered);
        queue.Finish(items[1], OutcomeKind.Delivered);
        queue.MakeReports();
        Assert.Equal(0, queue.State.Count);
        Assert.Equal(0, queue.State.Routes.Sites.Sum(static site => site.InFlight));
    }

    [Fact]
    public void A_report_waits_for_those_who_are_tried_again_in_a_moment_and_not_for_those_who_are_tried_later()
    {
        var queue = new TestQueue("""
            { "delivery": { "retry": "20s, 10m" },
              "routes": [ { "domain": "one.example", "to": "smtp://one.example:25" }, { "domain": "two.example", "to": "smtp://two.example:25" } ] }
            """);
        queue.Admit("a@one.example", "b@two.example");
        queue.Finish(Assert.Single(queue.Pull("two.example")), OutcomeKind.Deferred);
        queue.Finish(Assert.Single(queue.Pull("one.example")), OutcomeKind.Bounced);
        Assert.Empty(queue.Owed);
        queue.Pass(TimeSpan.FromSeconds(22));
        queue.Finish(Assert.Single(queue.Pull("two.example")), OutcomeKind.Deferred);
        Assert.Equal((int[])[0], Assert.Single(queue.MakeReports()).Recipients.ToArray());
    }

    [Fact]
    public void One_whose_time_is_over_when_its_attempt_ends_is_said_to_have_expired()
    {
        var id = _queue.Admit("a@one.example");
        _queue.Pass(TimeSpan.FromDays(5) - TimeSpan.FromSeconds(1));
        _queue.MakeReports(); // the warning
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.Pass(TimeSpan.FromSeconds(2));
        _queue.Finish(item, OutcomeKind.Deferred);
        var expired = Assert.Single(_queue.Events);
        Assert.Equal(("expired", "a@one.example", "450 4.2.1 not now"), (expired.Kind, Assert.Single(expired.Addresses), expired.Reason));
        Assert.Equal(ReportKind.Failed, Assert.Single(_queue.MakeReports()).Kind);
        Assert.Equal([id], _queue.Removed);
    }
}

using Relay.Actors.Queues;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

/// <summary>What operators do to messages and destinations.</summary>
public sealed class OperatorTests
{
    private readonly TestQueue _queue = new();

    [Fact]
    public void A_held_message_is_not_handed_out_does_not_grow_old_and_blocks_nobody()
    {
        var held = _queue.Admit("a@one.example");
        var other = _queue.Admit("b@one.example");
        Assert.Equal(new QueueMessages.MessagesChanged(1, 1, 0), _queue.Change(QueueAction.Hold, new QueueSelection { Ids = [held] }));
        Assert.Equal(("held", "because"), (_queue.View(held).State, _queue.View(held).HoldReason));
        Assert.Equal(other, Assert.Single(_queue.Pull("one.example")).Id);
        _queue.Pass(TimeSpan.FromDays(30));
        Assert.Equal("held", _queue.View(held).State);
        Assert.DoesNotContain(_queue.Owed, report => report.Message == held);
        _queue.Change(QueueAction.Release, new QueueSelection { Ids = [held] });
        Assert.Equal(held, Assert.Single(_queue.Pull("one.example")).Id);
        Assert.Equal(TestQueue.Start.AddDays(35), _queue.View(held).ExpiresAt);
    }

    [Fact]
    public void A_message_that_is_held_from_its_first_moment_is_handed_to_nobody()
    {
        var id = new MessageId(9, 9);
        OperatorActions.Admit(
            _queue.State,
            new QueueMessages.MessageAccepted(id, _queue.Message("from@x.example", Recipient("a@one.example")), 1) { HoldReason = "breaker: the account is held" },
            _queue.At);
        Assert.Empty(_queue.Pull("one.example"));
        Assert.Equal(("held", "breaker: the account is held"), (_queue.View(id).State, _queue.View(id).HoldReason));
        _queue.Change(QueueAction.Release, new QueueSelection { Ids = [id] });
        Assert.Equal(id, Assert.Single(_queue.Pull("one.example")).Id);
    }

    [Fact]
    public void A_hold_survives_a_restart()
    {
        var id = _queue.Admit("a@one.example");
        _queue.Change(QueueAction.Hold);
        var message = _queue.State.Find(id)!;
        var read = MessageProgressCodec.Decode(MessageProgressCodec.Encode(message.Progress), 1);
        Assert.Equal(("because", TestQueue.Start), (read.HoldReason, read.HeldSince));
        var again = new TestQueue();
        again.Admit(again.Message("from@x.example", Recipient("a@one.example")), read);
        Assert.Empty(again.Pull("one.example"));
    }

    [Fact]
    public void A_retry_makes_what_waits_due_and_wakes_its_site()
    {
        _queue.Admit("a@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Deferred);
        Assert.Empty(_queue.Pull("one.example"));
        Assert.Equal(1, _queue.Change(QueueAction.Retry).Changed);
        _queue.FailSite(TestQueue.Route("one.example"), _queue.Pull("one.example"));
        Assert.Empty(_queue.Pull("one.example"));
        _queue.Change(QueueAction.Retry);
        Assert.Single(_queue.Pull("one.example"));
    }

    [Fact]
    public void Retrying_again_and_again_hands_a_message_out_once()
    {
        _queue.Admit("a@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Deferred);
        for (var i = 0; i < 10; i++)
        {
            _queue.Change(QueueAction.Retry);
        }

        Assert.Single(_queue.Pull("one.example"));
        Assert.Empty(_queue.Pull("one.example"));
    }

    [Fact]
    public void A_deletion_tells_nobody_and_a_bounce_tells_the_sender_why()
    {
        var deleted = _queue.Admit("a@one.example");
        _queue.Change(QueueAction.Delete, new QueueSelection { Ids = [deleted] });
        Assert.Equal([deleted], _queue.Removed);
        Assert.Empty(_queue.Owed);
        var returned = _queue.Admit("a@one.example");
        _queue.Change(QueueAction.Bounce, new QueueSelection { Ids = [returned] });
        Assert.Equal("554 5.0.0 Returned by the administrator: because", Assert.Single(_queue.MakeReports()).Progress[0].Last!.Reply.ToString());
        Assert.Equal([deleted, returned], _queue.Removed);
        Assert.Empty(_queue.Pull("one.example"));
    }

    [Fact]
    public void What_is_in_flight_is_deleted_when_its_attempt_ends_unless_it_delivers()
    {
        var first = _queue.Admit("a@one.example");
        var second = _queue.Admit("b@one.example");
        var items = _queue.Pull("one.example");
        Assert.Equal(new QueueMessages.MessagesChanged(2, 2, 2), _queue.Change(QueueAction.Delete));
        Assert.Equal(["smtp://one.example:25"], _queue.Recalled);
        Assert.Equal(2, _queue.State.Count);
        Assert.Equal(("active", QueueAction.Delete), (_queue.View(first).Recipients[0].State, _queue.View(first).Recipients[0].Then));
        _queue.Finish(items[0], OutcomeKind.Deferred);
        _queue.Finish(items[1], OutcomeKind.Delivered);
        Assert.Equal([first, second], _queue.Removed);
        Assert.Empty(_queue.Owed);
        Assert.Equal(("removed", first), Assert.Single(_queue.Events.Select(static happened => (happened.Kind, happened.Message))));
    }

    [Fact]
    public void Of_two_wishes_for_mail_in_flight_the_last_one_counts()
    {
        var id = _queue.Admit("a@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.Change(QueueAction.Delete);
        _queue.Change(QueueAction.Hold);
        Assert.Equal(QueueAction.Hold, _queue.View(id).Recipients[0].Then);
        _queue.Finish(item, OutcomeKind.Deferred);
        Assert.Equal("held", _queue.View(id).State);
    }

    [Fact]
    public void Mail_whose_site_was_resumed_shows_no_time_before_all_times()
    {
        var first = _queue.Admit("a@one.example");
        _queue.Admit("b@one.example");
        _queue.FailSite(TestQueue.Route("one.example"), _queue.Pull("one.example", 1));
        _queue.State.Sites.Resume(Assert.Single(_queue.State.Routes.Sites));
        Assert.Null(_queue.View(first).Recipients[0].NextAttempt);
    }

    [Theory]
    [InlineData(QueueAction.Delete, "removed")]
    [InlineData(QueueAction.Bounce, "bouncing")]
    public void What_is_wanted_of_mail_in_flight_is_done_after_a_crash_too(QueueAction action, string state)
    {
        var id = _queue.Admit("a@one.example", "b@two.example");
        Assert.Single(_queue.Pull("one.example"));
        var saves = _queue.Saves;
        _queue.Change(action, new QueueSelection { Recipient = "a@one.example" });
        Assert.Equal(saves + 1, _queue.Saves);
        var again = new TestQueue();
        var restored = again.Admit(
            again.Message("from@x.example", Recipient("a@one.example"), Recipient("b@two.example")),
            MessageProgressCodec.Decode(MessageProgressCodec.Encode(_queue.State.Find(id)!.Progress), 2));
        Assert.Equal([state, "queued"], again.View(restored).Recipients.Select(static r => r.State));
        Assert.Equal(1, again.Saves);
        Assert.Equal("because", Assert.Single(again.Events).Reason);
        Assert.Empty(again.Pull("one.example"));
        Assert.Single(again.Pull("two.example"));
    }

    [Fact]
    public void An_action_by_recipient_touches_that_recipient_only()
    {
        var id = _queue.Admit("a@one.example", "b@two.example");
        _queue.Change(QueueAction.Delete, new QueueSelection { Domain = "two.example" });
        Assert.Equal(["queued", "removed"], _queue.View(id).Recipients.Select(static r => r.State));
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Delivered);
        Assert.Equal([id], _queue.Removed);
    }

    [Fact]
    public void Counting_changes_nothing()
    {
        _queue.Admit("a@one.example");
        Assert.Equal(new QueueMessages.MessagesChanged(1, 1, 0), _queue.Change(QueueAction.Delete, countOnly: true));
        Assert.Empty(_queue.Events);
        Assert.Single(_queue.Pull("one.example"));
    }

    [Fact]
    public void Deleted_mail_leaves_nothing_in_the_backlog_of_a_dead_site()
    {
        for (var i = 0; i < 1000; i++)
        {
            _queue.Admit("a@one.example");
        }

        _queue.FailSite(TestQueue.Route("one.example"), _queue.Pull("one.example"));
        _queue.Change(QueueAction.Delete);
        Assert.Equal(0, _queue.State.Count);
        Assert.InRange(_queue.State.Routes.FindSite(TestQueue.Route("one.example"))?.Ready.Count ?? 0, 0, 64);
    }

    [Fact]
    public void A_paused_destination_gets_nothing_until_its_time_is_over_or_it_is_resumed()
    {
        var site = Site();
        _queue.State.Sites.Pause(site, _queue.Now.AddHours(1), "maintenance");
        Assert.Empty(_queue.Pull("one.example"));
        _queue.Announced.Clear();
        _queue.Pass(TimeSpan.FromMinutes(59));
        Assert.Empty(_queue.Announced);
        var view = Assert.Single(QueueSummaries.Destinations(_queue.State.Routes.Sites, _queue.State.Messages, new DestinationBoard()).Destinations);
        Assert.Equal(("paused", "maintenance", 1), (view.State, view.Reason, view.Messages));
        _queue.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["smtp://one.example:25"], _queue.Announced);
        _queue.State.Sites.Pause(site, _queue.Now.AddHours(1), "again");
        _queue.State.Sites.Resume(site);
        Assert.Single(_queue.Pull("one.example"));
    }

    [Fact]
    public void Destinations_are_found_by_name_and_by_domain()
    {
        var site = Site();
        Assert.Equal([site], _queue.State.Routes.FindByName("smtp://one.example:25"));
        Assert.Equal([site], _queue.State.Routes.FindByName("one.example"));
        Assert.Empty(_queue.State.Routes.FindByName("other.example"));
    }

    [Fact]
    public void A_destination_with_a_route_can_be_paused_before_it_has_any_mail()
    {
        var routes = _queue.State.Routes;
        Assert.Empty(routes.FindOrMake("other.example", _queue.Policy)); // by MX: nobody knows its site
        var site = Assert.Single(routes.FindOrMake("one.example", _queue.Policy));
        _queue.State.Sites.Pause(site, _queue.Now.AddHours(1), "it moves");
        Assert.Equal([site], routes.FindOrMake("one.example", _queue.Policy));
        _queue.Admit("a@one.example");
        Assert.Empty(_queue.Pull("one.example"));
        _queue.Pass(TimeSpan.FromHours(1));
        Assert.Single(_queue.Pull("one.example"));
    }

    private static EnvelopeRecipient Recipient(string address) => new(TestQueue.Path(address), DsnNotify.Unspecified, null);

    private SiteBacklog Site()
    {
        _queue.Admit("a@one.example");
        return Assert.Single(_queue.State.Routes.Sites);
    }
}

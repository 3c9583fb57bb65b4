using Relay.Actors.Queues;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

public sealed class QueueStateTests
{
    private readonly TestQueue _queue = new();

    [Fact]
    public void A_message_is_handed_out_once_and_gone_when_it_is_delivered()
    {
        var id = _queue.Admit("a@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal(id, item.Id);
        Assert.Empty(_queue.Pull("one.example"));

        _queue.Finish(item, OutcomeKind.Delivered);
        Assert.Equal([id], _queue.Removed);
        Assert.Equal(0, _queue.State.Count);
    }

    [Fact]
    public void Recipients_of_one_domain_travel_together_and_others_apart()
    {
        _queue.Admit("a@one.example", "b@two.example", "c@one.example");
        Assert.Equal((int[])[0, 2], Assert.Single(_queue.Pull("one.example")).Recipients.ToArray());
        Assert.Equal((int[])[1], Assert.Single(_queue.Pull("two.example")).Recipients.ToArray());
    }

    [Fact]
    public void Each_recipient_has_its_own_fate()
    {
        var id = _queue.Admit("a@one.example", "b@one.example", "c@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Delivered, OutcomeKind.Deferred, OutcomeKind.Bounced);
        Assert.Equal(["delivered", "deferred", "bouncing"], _queue.View(id).Recipients.Select(static r => r.State));
        Assert.Equal((int[])[2], Assert.Single(_queue.MakeReports()).Recipients.ToArray());
        _queue.Pass(TimeSpan.FromMinutes(6));
        var second = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal((int[])[1], second.Recipients.ToArray());
        _queue.Finish(second, OutcomeKind.Delivered);
        Assert.Equal([id], _queue.Removed);
    }

    [Fact]
    public void The_end_of_an_attempt_counts_once()
    {
        _queue.Admit("a@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        Assert.NotNull(_queue.Finish(item, OutcomeKind.Deferred));
        Assert.Null(_queue.Finish(item, OutcomeKind.Delivered));
        Assert.Equal(1, _queue.State.Count);
    }

    [Fact]
    public void A_destination_is_told_once_and_again_only_after_it_was_told_that_there_is_nothing()
    {
        _queue.Admit("a@one.example");
        _queue.Admit("b@one.example");
        Assert.Equal(["smtp://one.example:25"], _queue.Announced);
        Assert.Single(_queue.Pull("one.example", max: 1));
        _queue.Admit("c@one.example");
        Assert.Single(_queue.Announced);
        Assert.Equal(2, _queue.Pull("one.example", max: 10).Length);
        _queue.Admit("d@one.example");
        Assert.Equal(2, _queue.Announced.Count);
    }

    [Fact]
    public void What_a_failed_destination_held_is_due_again_and_announced()
    {
        _queue.Admit("a@one.example");
        var held = Assert.Single(_queue.Pull("one.example"));
        _queue.Announced.Clear();
        _queue.State.Traffic.Reclaim(held.Destination, _queue.At);
        Assert.Null(_queue.Finish(held, OutcomeKind.Delivered));
        Assert.Equal(["smtp://one.example:25"], _queue.Announced);
        Assert.Equal(held.Recipients.ToArray(), Assert.Single(_queue.Pull("one.example")).Recipients.ToArray());
    }

    [Fact]
    public void What_was_not_begun_comes_back_untouched_and_unwritten()
    {
        var id = _queue.Admit("a@one.example");
        var item = Assert.Single(_queue.Pull("one.example"));
        _queue.State.Traffic.Return([item], _queue.At);
        Assert.Equal(0, _queue.Saves);
        Assert.Equal(0, _queue.View(id).Recipients[0].Progress.Attempts);
        Assert.Single(_queue.Pull("one.example"));
    }

    [Fact]
    public void Progress_of_before_a_restart_is_kept()
    {
        var due = TestQueue.Start.AddMinutes(1);
        var recipients = new[] { "a@one.example", "b@one.example" }
            .Select(static r => new EnvelopeRecipient(TestQueue.Path(r), DsnNotify.Unspecified, null)).ToArray();
        _queue.Admit(_queue.Message("from@x.example", recipients), new MessageProgress(
        [
            new RecipientProgress(RecipientState.Delivered, 1, TestQueue.Start, TestQueue.Outcome(OutcomeKind.Delivered)),
            new RecipientProgress(RecipientState.Waiting, 1, due, TestQueue.Outcome(OutcomeKind.Deferred)),
        ]));
        Assert.Empty(_queue.Pull("one.example"));
        Assert.Equal(due, _queue.State.NextDue);
        _queue.Pass(TimeSpan.FromMinutes(1));
        var item = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal((int[])[1], item.Recipients.ToArray());
        _queue.Finish(item, OutcomeKind.Deferred);
        Assert.InRange(_queue.State.NextDue!.Value - due, TimeSpan.FromMinutes(13.5), TimeSpan.FromMinutes(16.5));
    }

    [Fact]
    public void A_report_that_was_owed_at_a_crash_is_owed_again()
    {
        var recipient = new EnvelopeRecipient(TestQueue.Path("a@one.example"), DsnNotify.Unspecified, null);
        var failed = new RecipientProgress(RecipientState.Bouncing, 1, TestQueue.Start, TestQueue.Outcome(OutcomeKind.Bounced));
        var id = _queue.Admit(_queue.Message("from@x.example", recipient), new MessageProgress([failed]));
        Assert.Empty(_queue.Pull("one.example"));
        Assert.Equal(ReportKind.Failed, Assert.Single(_queue.MakeReports()).Kind);
        Assert.Equal([id], _queue.Removed);
    }

    [Fact]
    public void A_message_that_is_known_is_not_taken_twice()
    {
        var message = _queue.Message("from@x.example", new EnvelopeRecipient(TestQueue.Path("a@one.example"), DsnNotify.Unspecified, null));
        var id = _queue.Admit(message);
        _queue.State.Admit(id, message, 1, null, _queue.At);
        Assert.Single(_queue.Pull("one.example"));
        Assert.Equal(1, _queue.State.Count);
    }

    [Fact]
    public void Lists_are_filtered_sorted_and_cut_but_counted_whole()
    {
        for (var i = 0; i < 5; i++)
        {
            _queue.Admit("a@one.example");
        }

        _queue.Admit("B@two.example");
        var all = List(new QueueSelection());
        Assert.Equal((6, 6), (all.Total, all.Messages.Length));
        var two = List(new QueueSelection(), limit: 2);
        Assert.Equal((6, 2), (two.Total, two.Messages.Length));
        Assert.Equal(all.Messages[..2].Select(static m => m.Id), two.Messages.Select(static m => m.Id));
        Assert.Equal(1, List(new QueueSelection { Recipient = "b@TWO.example" }).Total);
        Assert.Equal(5, List(new QueueSelection { Domain = "ONE.example" }).Total);
        Assert.Equal(5, List(new QueueSelection { Destination = "smtp://one.example:25" }).Total);
        Assert.Equal(0, List(new QueueSelection { Sender = "nobody@x.example" }).Total);
        Assert.Equal(6, List(new QueueSelection { Sender = "from@x.example", State = "queued" }).Total);
        Assert.Equal(0, List(new QueueSelection { OlderThan = TimeSpan.FromSeconds(1) }).Total);
        _queue.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(6, List(new QueueSelection { OlderThan = TimeSpan.FromSeconds(1) }).Total);
    }

    [Fact]
    public void A_summary_counts_by_destination_domain_sender_and_state()
    {
        _queue.AdmitFrom("s@x.example", "a@one.example", "b@two.example");
        _queue.AdmitFrom("", "a@one.example");
        _queue.Finish(_queue.Pull("one.example", 1)[0], OutcomeKind.Deferred);
        var summary = QueueSummaries.Summarize(_queue.State.Messages, 10);
        Assert.Equal((2, 2L), (summary.Messages, summary.Bytes));
        Assert.Equal([("smtp://one.example:25", 2), ("smtp://two.example:25", 1)], summary.Destinations.Select(static row => (row.Name, row.Messages)));
        Assert.Equal([("one.example", 2), ("two.example", 1)], summary.Domains.Select(static row => (row.Name, row.Messages)));
        Assert.Equal([("", 1), ("s@x.example", 1)], summary.Senders.Select(static row => (row.Name, row.Messages)));
        Assert.Equal(2, summary.States.Values.Sum());
        Assert.Single(QueueSummaries.Summarize(_queue.State.Messages, 1).Destinations);
    }

    private QueueMessages.QueueListed List(QueueSelection selection, int limit = 100) =>
        QueueViews.List(_queue.State.Messages, new QueueMessages.ListMessages(selection, limit), _queue.At);
}

using System.Collections.Immutable;
using System.Net;
using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Queues;

public sealed class QueueStateTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);
    private static readonly RetrySchedule Retry = Parse("5m, 15m");
    private readonly QueueState _queue = new();
    private ulong _made;

    [Fact]
    public void A_message_is_handed_out_once_and_gone_when_it_is_delivered()
    {
        var id = Admit("a@one.example");
        var item = Assert.Single(Pull("one.example"));
        Assert.Equal(id, item.Id);
        Assert.Empty(Pull("one.example"));

        Assert.Equal(SpoolEffect.Remove, Finish(item, OutcomeKind.Delivered));
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void Recipients_of_one_destination_travel_together_and_others_apart()
    {
        Admit("a@one.example", "b@two.example", "c@one.example");
        Assert.Equal((int[])[0, 2], Assert.Single(Pull("one.example")).Recipients.ToArray());
        Assert.Equal((int[])[1], Assert.Single(Pull("two.example")).Recipients.ToArray());
    }

    [Fact]
    public void A_deferred_recipient_waits_for_the_schedule_and_the_last_step_repeats()
    {
        Admit("a@one.example");
        var now = Start;
        foreach (var minutes in new[] { 5, 15, 15 })
        {
            Assert.Equal(SpoolEffect.SaveState, Finish(Assert.Single(Pull("one.example", now: now)), OutcomeKind.Deferred, now));
            Assert.Equal(now.AddMinutes(minutes), _queue.NextDue);
            _queue.Advance(now.AddMinutes(minutes).AddTicks(-1));
            Assert.Empty(Pull("one.example", now: now));
            now = now.AddMinutes(minutes);
            _queue.Advance(now);
        }

        Assert.Single(Pull("one.example", now: now));
    }

    [Fact]
    public void A_failed_recipient_stays_to_be_seen_and_is_never_tried_again()
    {
        var id = Admit("a@one.example", "b@one.example");
        Assert.Equal(SpoolEffect.SaveState, Finish(Assert.Single(Pull("one.example")), OutcomeKind.Bounced, OutcomeKind.Delivered));
        Assert.Empty(Pull("one.example"));
        Assert.Null(_queue.NextDue);
        var view = QueueViews.View(_queue.Find(id)!);
        Assert.Equal([RecipientState.Failed, RecipientState.Delivered], view.Recipients.Select(r => r.Progress.State));
    }

    [Fact]
    public void Each_recipient_has_its_own_fate()
    {
        var id = Admit("a@one.example", "b@one.example", "c@one.example");
        var item = Assert.Single(Pull("one.example"));
        Finish(item, OutcomeKind.Delivered, OutcomeKind.Deferred, OutcomeKind.Delivered);
        var later = Start.AddMinutes(5);
        _queue.Advance(later);
        var second = Assert.Single(Pull("one.example", now: later));
        Assert.Equal((int[])[1], second.Recipients.ToArray());
        Assert.Equal(SpoolEffect.Remove, Finish(second, OutcomeKind.Delivered));
        Assert.Null(_queue.Find(id));
    }

    [Fact]
    public void The_end_of_an_attempt_counts_once()
    {
        Admit("a@one.example");
        var item = Assert.Single(Pull("one.example"));
        Assert.Equal(SpoolEffect.SaveState, Finish(item, OutcomeKind.Deferred));
        Assert.Equal(SpoolEffect.None, Finish(item, OutcomeKind.Delivered));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void A_destination_is_told_once_and_again_only_after_it_was_told_that_there_is_nothing()
    {
        Admit("a@one.example");
        Assert.Equal(["one.example"], Announced());
        Admit("b@one.example");
        Assert.Empty(Announced());
        Assert.Single(Pull("one.example", max: 1));
        Admit("c@one.example");
        Assert.Empty(Announced());
        Assert.Equal(2, Pull("one.example", max: 10).Length);
        Admit("d@one.example");
        Assert.Equal(["one.example"], Announced());
    }

    [Fact]
    public void What_a_failed_destination_held_is_due_again_and_announced()
    {
        Admit("a@one.example");
        Announced();
        var held = Assert.Single(Pull("one.example"));
        _queue.Reclaim(Key("one.example"), Start);
        Assert.Equal(["one.example"], Announced());
        Assert.Equal(SpoolEffect.None, Finish(held, OutcomeKind.Delivered));
        Assert.Equal(held.Recipients.ToArray(), Assert.Single(Pull("one.example")).Recipients.ToArray());
    }

    [Fact]
    public void Progress_of_before_a_restart_is_kept()
    {
        var due = Start.AddMinutes(1);
        Admit(
            [
                new RecipientProgress(RecipientState.Delivered, 1, Start, Outcome(OutcomeKind.Delivered)),
                new RecipientProgress(RecipientState.Waiting, 1, due, Outcome(OutcomeKind.Deferred)),
            ],
            "a@one.example",
            "b@one.example");
        Assert.Empty(Pull("one.example"));
        Assert.Equal(due, _queue.NextDue);
        _queue.Advance(due);
        var item = Assert.Single(Pull("one.example", now: due));
        Assert.Equal((int[])[1], item.Recipients.ToArray());
        Finish(item, due, OutcomeKind.Deferred);
        Assert.Equal(due.AddMinutes(15), _queue.NextDue);
    }

    [Fact]
    public void A_message_that_is_known_is_not_taken_twice()
    {
        var id = Admit("a@one.example");
        _queue.Admit(id, Message("a@one.example"), 1, [RecipientProgress.Fresh], Route, Start);
        Assert.Single(Pull("one.example"));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Lists_are_filtered_sorted_and_cut_but_counted_whole()
    {
        for (var i = 0; i < 5; i++)
        {
            Admit("a@one.example");
        }

        Admit("B@two.example");
        var all = List();
        Assert.Equal(6, all.Total);
        Assert.Equal(6, all.Messages.Length);
        var two = List(limit: 2);
        Assert.Equal((6, 2), (two.Total, two.Messages.Length));
        Assert.Equal(all.Messages[..2].Select(m => m.Id), two.Messages.Select(m => m.Id));
        Assert.Equal(1, List(recipient: "b@TWO.example").Total);
        Assert.Equal(5, List(domain: "ONE.example").Total);
        Assert.Equal(0, List(sender: "nobody@x.example").Total);
        Assert.Equal(6, List(sender: "from@x.example").Total);
    }

    private static RetrySchedule Parse(string text) =>
        RetrySchedule.TryParse(text, out var schedule, out var error) ? schedule : throw new ArgumentException(error);

    private static DestinationKey Key(string domain) =>
        MailDomain.TryParse(domain, out var parsed) ? DestinationKey.ForDomain(parsed) : throw new ArgumentException(domain);

    private static DestinationKey Route(MailPath path) => DestinationKey.ForDomain(path.Domain!);

    private static RecipientOutcome Outcome(OutcomeKind kind) =>
        new(kind, ClientStage.Rcpt, new SmtpReply(kind == OutcomeKind.Delivered ? 250 : 450, EnhancedStatus.None, "text"));

    private static StoredMessage Message(params string[] recipients) => new(
        new Envelope(
            Path("from@x.example"),
            MailParameters.None,
            [.. recipients.Select(r => new EnvelopeRecipient(Path(r), DsnNotify.Unspecified, null))]),
        new MessageOrigin(IPAddress.Loopback, null, "default", null),
        Start,
        false);

    private static MailPath Path(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private MessageId Admit(params string[] recipients) =>
        Admit([.. recipients.Select(_ => RecipientProgress.Fresh)], recipients);

    private MessageId Admit(RecipientProgress[] progress, params string[] recipients)
    {
        var id = new MessageId(1, ++_made);
        _queue.Admit(id, Message(recipients), 1, progress, Route, Start);
        return id;
    }

    private ImmutableArray<DeliveryItem> Pull(string domain, int max = 10, DateTimeOffset? now = null) =>
        _queue.Pull(Key(domain), max, now ?? Start);

    private SpoolEffect Finish(DeliveryItem item, params OutcomeKind[] outcomes) => Finish(item, Start, outcomes);

    private SpoolEffect Finish(DeliveryItem item, OutcomeKind outcome, DateTimeOffset now) => Finish(item, now, outcome);

    private SpoolEffect Finish(DeliveryItem item, DateTimeOffset now, params OutcomeKind[] outcomes) =>
        _queue.Finish(new DestinationMessages.AttemptFinished(item, [.. outcomes.Select(Outcome)], AttemptFacts.None), Retry, now);

    private IEnumerable<string> Announced() => _queue.TakeAnnouncements().Select(key => key.Name);

    private QueueMessages.QueueListed List(string? sender = null, string? recipient = null, string? domain = null, int limit = 100) =>
        QueueViews.List(_queue.Messages, new QueueMessages.ListMessages(
            new QueueSelection { Sender = sender, Recipient = recipient, Domain = domain }, limit));
}

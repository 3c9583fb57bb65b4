using CsCheck;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Messages.Tests.Stored;

public sealed class MessageProgressCodecTests
{
    private static readonly DateTimeOffset Due = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_456);

    [Fact]
    public void Every_state_survives()
    {
        RecipientProgress[] progress =
        [
            RecipientProgress.Fresh,
            new(RecipientState.Waiting, 3, Due, Outcome(OutcomeKind.Deferred, ClientStage.Rcpt, 450, "mailbox busy")),
            new(RecipientState.Delivered, 1, Due, Outcome(OutcomeKind.Delivered, ClientStage.EndOfData, 250, "ok")),
            new(RecipientState.Failed, 2, Due, Outcome(OutcomeKind.Bounced, ClientStage.Rcpt, 550, "no such user")),
            new(RecipientState.Bouncing, 2, Due, Outcome(OutcomeKind.Bounced, ClientStage.Rcpt, 550, "no such user")) { NextHop = "mx.example[192.0.2.1]:25", LastAt = Due },
            new(RecipientState.Bounced, 2, Due, null),
            new(RecipientState.Removed, 0, Due, null),
            new(RecipientState.Relayed, 1, Due, null) { LastAt = Due },
            new(RecipientState.InMailbox, 1, Due, null),
            new(RecipientState.Waiting, 0, Due, null) { Wish = new RecipientWish(QueueAction.Delete, "spam") },
            new(RecipientState.Waiting, 0, Due, null) { Wish = new RecipientWish(QueueAction.Bounce, "spam") },
        ];

        var message = new MessageProgress(progress) { HoldReason = "why", HeldSince = Due, Held = TimeSpan.FromHours(7), IsWarned = true };

        var whole = MessageProgressCodec.Decode(MessageProgressCodec.Encode(message), progress.Length);

        Assert.Equal(("why", Due, TimeSpan.FromHours(7), true), (whole.HoldReason, whole.HeldSince, whole.Held, whole.IsWarned));
        var read = whole.Recipients;
        Assert.Equal(progress.Select(p => p.Wish), read.Select(p => p.Wish));
        Assert.Equal(progress.Select(p => (p.NextHop, p.LastAt)), read.Select(p => (p.NextHop, p.LastAt)));
        Assert.Equal(progress.Select(p => (p.State, p.Attempts, p.Due)), read.Select(p => (p.State, p.Attempts, p.Due)));
        Assert.Equal(progress.Select(p => p.Last?.Reply.ToString()), read.Select(p => p.Last?.Reply.ToString()));
        Assert.Equal(progress.Select(p => p.Last?.Reply.IsHeard), read.Select(p => p.Last?.Reply.IsHeard));
        Assert.Equal(progress.Select(p => (p.Last?.Kind, p.Last?.Stage)), read.Select(p => (p.Last?.Kind, p.Last?.Stage)));
    }

    [Fact]
    public void No_state_means_that_nothing_was_tried() =>
        Assert.Equal([RecipientProgress.Fresh, RecipientProgress.Fresh], MessageProgressCodec.Decode([], 2).Recipients);

    [Fact]
    public void A_state_of_another_number_of_recipients_is_invalid_data() =>
        Assert.Throws<InvalidDataException>(() => MessageProgressCodec.Decode(MessageProgressCodec.Encode(MessageProgress.Fresh(1)), 2));

    [Fact]
    public void A_thousand_recipients_with_a_wish_each_stay_small()
    {
        var progress = Enumerable.Range(0, 1000)
            .Select(i => RecipientProgress.Fresh with { Wish = new RecipientWish(QueueAction.Bounce, $"{i} {new string('x', 400)}") })
            .ToArray();

        var octets = MessageProgressCodec.Encode(new MessageProgress(progress));

        Assert.InRange(octets.Length, 1, 32 * 1024);
        Assert.All(MessageProgressCodec.Decode(octets, progress.Length).Recipients, p => Assert.Equal(QueueAction.Bounce, p.Wish!.Action));
    }

    [Fact]
    public void A_thousand_recipients_with_a_reply_each_stay_small()
    {
        var text = new string('x', 4000);
        var progress = Enumerable.Range(0, 1000)
            .Select(i => new RecipientProgress(RecipientState.Waiting, 1, Due, Outcome(OutcomeKind.Deferred, ClientStage.Rcpt, 450, $"{i} {text}")))
            .ToArray();

        var octets = MessageProgressCodec.Encode(new MessageProgress(progress));

        Assert.InRange(octets.Length, 1, 64 * 1024);
        var read = MessageProgressCodec.Decode(octets, progress.Length).Recipients;
        Assert.All(read, p => Assert.Equal(450, p.Last!.Reply.Code));
        Assert.StartsWith("450 4.2.1 0 xxx", read[0].Last!.Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_that_are_no_state_are_invalid_data_and_nothing_else() =>
        Gen.Byte.Array[1, 200].Sample(octets =>
        {
            try
            {
                Assert.Equal(3, MessageProgressCodec.Decode(octets, 3).Recipients.Length);
            }
            catch (InvalidDataException)
            {
                // Said as documented.
            }
        });

    private static RecipientOutcome Outcome(OutcomeKind kind, ClientStage stage, int code, string text) =>
        new(kind, stage, new SmtpReply(code, new((short)(code / 100), 2, 1), text) { IsHeard = code == 550 });
}

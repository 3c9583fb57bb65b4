using CsCheck;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Messages.Tests.Stored;

public sealed class RecipientProgressCodecTests
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
        ];

        var read = RecipientProgressCodec.Decode(RecipientProgressCodec.Encode(progress), progress.Length);

        Assert.Equal(progress.Select(p => (p.State, p.Attempts, p.Due)), read.Select(p => (p.State, p.Attempts, p.Due)));
        Assert.Equal(progress.Select(p => p.Last?.Reply.ToString()), read.Select(p => p.Last?.Reply.ToString()));
        Assert.Equal(progress.Select(p => (p.Last?.Kind, p.Last?.Stage)), read.Select(p => (p.Last?.Kind, p.Last?.Stage)));
    }

    [Fact]
    public void No_state_means_that_nothing_was_tried() =>
        Assert.Equal([RecipientProgress.Fresh, RecipientProgress.Fresh], RecipientProgressCodec.Decode([], 2));

    [Fact]
    public void A_state_of_another_number_of_recipients_is_invalid_data() =>
        Assert.Throws<InvalidDataException>(() => RecipientProgressCodec.Decode(RecipientProgressCodec.Encode([RecipientProgress.Fresh]), 2));

    [Fact]
    public void A_thousand_recipients_with_a_reply_each_stay_small()
    {
        var text = new string('x', 4000);
        var progress = Enumerable.Range(0, 1000)
            .Select(i => new RecipientProgress(RecipientState.Waiting, 1, Due, Outcome(OutcomeKind.Deferred, ClientStage.Rcpt, 450, $"{i} {text}")))
            .ToArray();

        var octets = RecipientProgressCodec.Encode(progress);

        Assert.InRange(octets.Length, 1, 64 * 1024);
        var read = RecipientProgressCodec.Decode(octets, progress.Length);
        Assert.All(read, p => Assert.Equal(450, p.Last!.Reply.Code));
        Assert.StartsWith("450 4.2.1 0 xxx", read[0].Last!.Reply.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_that_are_no_state_are_invalid_data_and_nothing_else() =>
        Gen.Byte.Array[1, 200].Sample(octets =>
        {
            try
            {
                Assert.Equal(3, RecipientProgressCodec.Decode(octets, 3).Length);
            }
            catch (InvalidDataException)
            {
                // Said as documented.
            }
        });

    private static RecipientOutcome Outcome(OutcomeKind kind, ClientStage stage, int code, string text) =>
        new(kind, stage, new SmtpReply(code, new((short)(code / 100), 2, 1), text));
}

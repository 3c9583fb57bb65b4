using Relay.Actors.Bounces;
using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Bounces;

public sealed class DsnWishesTests
{
    [Theory]
    [InlineData(DsnNotify.Unspecified, true, true, false)]
    [InlineData(DsnNotify.Never, false, false, false)]
    [InlineData(DsnNotify.Failure, true, false, false)]
    [InlineData(DsnNotify.Delay, false, true, false)]
    [InlineData(DsnNotify.Success, false, false, true)]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, true, true, true)]
    public void NOTIFY_decides_and_the_null_sender_is_told_nothing(DsnNotify notify, bool failed, bool delayed, bool success)
    {
        var recipient = new EnvelopeRecipient(Reports.Path("u@relay.example"), notify, null);
        foreach (var (action, expected) in new[]
        {
            (DsnAction.Failed, failed), (DsnAction.Delayed, delayed), (DsnAction.Relayed, success), (DsnAction.Delivered, success),
        })
        {
            Assert.Equal(expected, DsnWishes.MayReport(Reports.Path("a@sender.example"), recipient, action));
            Assert.False(DsnWishes.MayReport(MailPath.Null, recipient, action));
        }
    }

    [Theory]
    [InlineData(false, false, DsnAction.Relayed)]
    [InlineData(false, true, DsnAction.Delivered)]
    [InlineData(true, false, null)]
    [InlineData(true, true, null)]
    public void A_next_hop_with_DSN_reports_itself(bool peerHasDsn, bool isFinal, DsnAction? expected) =>
        Assert.Equal(expected, DsnWishes.AfterDelivery(new AttemptFacts { PeerHasDsn = peerHasDsn, IsFinalDelivery = isFinal }));
}

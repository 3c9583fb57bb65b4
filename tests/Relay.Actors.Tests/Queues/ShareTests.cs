using System.Net;
using Relay.Actors.Intake;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

/// <summary>What the queue tells of whose mail it holds.</summary>
public sealed class ShareTests
{
    private readonly TestQueue _queue = new();

    [Fact]
    public void Shares_sum_up_to_what_is_queued_and_end_with_it()
    {
        Admit("a@x.example", 100, "r@one.example");
        Admit("b@x.example", 20, "r@one.example");
        Admit("a@y.example", 3, "r@one.example");
        Assert.Equal((123L, 2), (_queue.Shares.StoredBytes, _queue.Shares.Senders));
        Assert.Equal((120L, 2L), Of("a@x.example"));

        foreach (var item in _queue.Pull("one.example"))
        {
            _queue.Finish(item, OutcomeKind.Delivered);
        }

        Assert.Equal((0L, 0), (_queue.Shares.StoredBytes, _queue.Shares.Senders));
    }

    [Fact]
    public void Mail_that_waits_for_a_dead_destination_stays_its_senders()
    {
        Admit("a@x.example", 100, "r@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Deferred);
        Assert.Equal((100L, 1L), Of("a@x.example"));
    }

    [Fact]
    public void A_report_of_ours_is_nobodys_share()
    {
        var cause = new ReportCause(new MessageId(1, 77), ReportKind.Failed, [0]);
        _queue.Admit(_queue.Message("", Recipient("r@one.example")) with { Report = cause }, size: 50);
        Assert.Equal(50, _queue.Shares.Find(ShareKey.Reports)!.StoredBytes);
    }

    [Theory]
    [InlineData("""{ "relay": { "networks": ["127.0.0.0/8"] }, "routes": [ { "domain": "*", "to": "smtp://one.example:25" } ] }""", false)]
    [InlineData("""{ "acceptedDomains": ["one.example"], "routes": [ { "domain": "*", "to": "smtp://one.example:25" } ] }""", true)]
    public void A_report_of_mail_tells_whether_a_stranger_sent_it(string policy, bool isStrangers)
    {
        _queue.Use(policy);
        Admit("a@x.example", 100, "r@one.example");
        _queue.Finish(Assert.Single(_queue.Pull("one.example")), OutcomeKind.Bounced);
        Assert.Equal(isStrangers, Assert.Single(_queue.Owed).IsStrangers);
    }

    [Fact]
    public void A_message_that_is_there_already_counts_once()
    {
        var id = Admit("a@x.example", 100, "r@one.example");
        _queue.State.Admit(id, _queue.Message("a@x.example", Recipient("r@one.example")), 100, null, _queue.At);
        Assert.Equal((100L, 1L), Of("a@x.example"));
    }

    private MessageId Admit(string sender, long size, string recipient) => _queue.Admit(_queue.Message(sender, Recipient(recipient)), size: size);

    private (long Bytes, long Messages)? Of(string sender)
    {
        Assert.True(MailPath.TryParse(sender, out var path));
        var share = _queue.Shares.Find(ShareKey.Of(new ClientFacts(IPAddress.Loopback, "default", null), path, _queue.Policy));
        return share is null ? null : (share.StoredBytes, share.StoredMessages);
    }

    private static EnvelopeRecipient Recipient(string address)
    {
        Assert.True(MailPath.TryParse(address, out var path));
        return new EnvelopeRecipient(path, DsnNotify.Unspecified, null);
    }
}

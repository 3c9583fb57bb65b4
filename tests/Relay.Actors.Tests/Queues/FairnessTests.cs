using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

/// <summary>One sender's thousands do not keep another's few waiting.</summary>
public sealed class FairnessTests
{
    private readonly TestQueue _queue = new();

    [Fact]
    public void A_single_message_goes_before_the_rest_of_a_flood()
    {
        Flood(1000);
        _queue.Pull("one.example", 10);
        var mine = _queue.AdmitFrom("b@x.example", "u@one.example");
        Assert.Equal(mine, Assert.Single(_queue.Pull("one.example", 1)).Id);
    }

    [Fact]
    public void Two_senders_share_a_destination_by_halves()
    {
        Flood(1000);
        var mine = Enumerable.Range(0, 100).Select(_ => _queue.AdmitFrom("b@x.example", "u@one.example")).ToHashSet();
        Assert.InRange(Mine(200, mine), 90, 100);
    }

    [Fact]
    public void A_sender_of_large_messages_gets_as_many_octets_and_not_as_many_messages()
    {
        var large = Enumerable.Range(0, 100).Select(_ => _queue.Admit(Message("big@x.example"), size: 512 * 1024)).ToHashSet();
        for (var i = 0; i < 1000; i++)
        {
            _queue.AdmitFrom("small@x.example", "u@one.example");
        }

        // 520 KiB are the cost of 65 small ones.
        Assert.InRange(Mine(660, large), 8, 14);
    }

    [Fact]
    public void Who_was_alone_for_long_is_not_made_to_wait_for_it()
    {
        Flood(1000);
        _queue.Pull("one.example", 900);
        var newcomers = Enumerable.Range(0, 100).Select(_ => _queue.AdmitFrom("b@x.example", "u@one.example")).ToHashSet();
        Assert.InRange(Mine(100, newcomers), 40, 60);
    }

    [Fact]
    public void Five_hundred_senders_have_each_their_turn()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _queue.AdmitFrom($"s{i % 500}@x.example", "u@one.example");
        }

        // A turn is a quantum: eight small messages.
        var seen = _queue.Pull("one.example", 4_000).Select(item => _queue.State.Find(item.Id)!.Sender).Distinct().Count();
        Assert.Equal(500, seen);
        Assert.Equal(6_000, _queue.Pull("one.example", 10_000).Length);
    }

    private void Flood(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _queue.AdmitFrom("flood@x.example", "u@one.example");
        }
    }

    private Messages.Stored.StoredMessage Message(string sender) =>
        _queue.Message(sender, new EnvelopeRecipient(TestQueue.Path("u@one.example"), DsnNotify.Unspecified, null));

    private int Mine(int pulled, HashSet<MessageId> mine) => _queue.Pull("one.example", pulled).Count((DeliveryItem item) => mine.Contains(item.Id));
}

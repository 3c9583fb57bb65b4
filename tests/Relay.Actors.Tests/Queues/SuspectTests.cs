using Relay.Actors.Queues;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;

namespace Relay.Actors.Tests.Queues;

/// <summary>A message that may be what killed the process.</summary>
public sealed class SuspectTests
{
    private static readonly QueueLimits Limits = new();
    private readonly TestQueue _queue = new();

    [Fact]
    public void Suspects_wait_a_while_are_tried_one_at_a_time_and_block_nobody()
    {
        var first = Suspect();
        var second = Suspect();
        var other = _queue.Admit("u@one.example");
        Assert.Equal(other, Assert.Single(_queue.Pull("one.example")).Id);
        _queue.Pass(Limits.SuspectTime);
        var aloft = Assert.Single(_queue.Pull("one.example"));
        _queue.Admit("u@one.example");
        Assert.Single(_queue.Pull("one.example"));
        _queue.Finish(aloft, OutcomeKind.Delivered);
        var next = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal([first, second], new[] { aloft.Id, next.Id }.Order());
        _queue.Finish(next, OutcomeKind.Deferred);
        Assert.Equal(0, _queue.State.Find(next.Id)!.Crashes); // it has come through
    }

    [Fact]
    public void A_suspect_at_a_slow_host_keeps_those_of_others_waiting_for_a_moment_only()
    {
        var slow = Suspect(0, "u@one.example");
        _queue.Pass(Limits.SuspectTime);
        var first = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal(slow, first.Id);
        var other = Suspect(0, "u@two.example");
        _queue.Pass(Limits.SuspectTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_queue.Pull("two.example"));
        var third = Suspect(0, "u@two.example");
        _queue.Pass(TimeSpan.FromMilliseconds(1));
        var second = Assert.Single(_queue.Pull("two.example"));
        Assert.Equal(other, second.Id);
        _queue.Finish(first, OutcomeKind.Deferred); // which is no longer the one that others wait for
        _queue.Pass(Limits.SuspectTime - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_queue.Pull("two.example"));
        _queue.Finish(second, OutcomeKind.Deferred);
        Assert.Equal(third, Assert.Single(_queue.Pull("two.example")).Id);
    }

    [Fact]
    public void After_the_second_crash_it_is_held_and_released_it_begins_anew()
    {
        var id = Suspect(crashes: 1);
        Assert.Equal("held", _queue.View(id).State);
        _queue.Pass(TimeSpan.FromDays(1));
        Assert.Empty(_queue.Pull("one.example"));
        _queue.Change(Messages.Queues.QueueAction.Release);
        Assert.Equal(id, Assert.Single(_queue.Pull("one.example")).Id);
        Assert.Equal(0, _queue.State.Find(id)!.Progress.Crashes);
    }

    [Fact]
    public void A_suspect_that_goes_to_several_places_is_one()
    {
        var id = Suspect(0, "a@one.example", "b@two.example");
        _queue.Pass(Limits.SuspectTime);
        var one = Assert.Single(_queue.Pull("one.example"));
        Assert.Equal(id, Assert.Single(_queue.Pull("two.example")).Id);
        _queue.Finish(one, OutcomeKind.Delivered);
        Assert.Equal(1, _queue.State.Count);
    }

    private MessageId Suspect(int crashes = 0) => Suspect(crashes, "a@one.example");

    private MessageId Suspect(int crashes, params string[] recipients)
    {
        var envelope = recipients.Select(static r => new EnvelopeRecipient(TestQueue.Path(r), DsnNotify.Unspecified, null)).ToArray();
        var progress = MessageProgress.Fresh(recipients.Length) with { Crashes = crashes };
        return _queue.Admit(_queue.Message("from@x.example", envelope), Suspects.Mark(progress, Limits, _queue.Now));
    }
}

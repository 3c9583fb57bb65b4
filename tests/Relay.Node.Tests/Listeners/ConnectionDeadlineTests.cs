using Microsoft.Extensions.Time.Testing;
using Relay.Node.Listeners;

namespace Relay.Node.Tests.Listeners;

public sealed class ConnectionDeadlineTests
{
    private static readonly ConnectionTimes Times = new();
    private readonly FakeTimeProvider _time = new();
    private ConnectionDeadline _deadline;

    [Fact]
    public void A_chunk_now_and_then_is_as_slow_as_all_of_it()
    {
        _deadline.AwaitBody(Now);
        _deadline.BodyArrived(1100);
        _deadline.AwaitChunk(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 30);
        MustBe(DeadlineFinding.TooSlow, afterSeconds: 1);
        _deadline.AwaitBody(Now); // the next chunk begins
        _deadline.BodyArrived(1100);
        MustBe(DeadlineFinding.TooSlow);
        _deadline.AwaitChunk(Now);
        MustBe(DeadlineFinding.TooSlow);
    }

    [Fact]
    public void Chunks_that_come_fast_win_time_for_those_that_follow()
    {
        _deadline.AwaitBody(Now);
        _deadline.BodyArrived(60_000);
        _deadline.AwaitChunk(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 100);
        _deadline.AwaitBody(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 20);
        MustBe(DeadlineFinding.TooSlow, afterSeconds: 1);
    }

    [Fact]
    public void Between_two_chunks_there_is_the_time_of_a_command_and_no_more()
    {
        _deadline.AwaitBody(Now);
        _deadline.BodyArrived(10_000_000);
        _deadline.AwaitChunk(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 300);
        MustBe(DeadlineFinding.TooSlow, afterSeconds: 1);
    }

    [Fact]
    public void A_body_is_not_slower_for_our_time_and_begins_its_own_time_no_second_time_after_it()
    {
        _deadline.AwaitBody(Now);
        for (var i = 0; i < 3; i++)
        {
            MustBe(DeadlineFinding.InTime, afterSeconds: 10);
            _deadline.AwaitUs(Now);
            MustBe(DeadlineFinding.InTime, afterSeconds: 100);
            _deadline.AwaitUs(Now);
            _deadline.AwaitBody(Now);
        }

        MustBe(DeadlineFinding.InTime);
        MustBe(DeadlineFinding.TooSlow, afterSeconds: 1);
    }

    [Fact]
    public void Each_body_has_its_own_time()
    {
        _deadline.AwaitBody(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 29);
        _deadline.AwaitUs(Now);
        _deadline.AwaitCommand(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 29);
        _deadline.AwaitUs(Now);
        _deadline.AwaitBody(Now);
        MustBe(DeadlineFinding.InTime, afterSeconds: 30);
        MustBe(DeadlineFinding.TooSlow, afterSeconds: 1);
    }

    private long Now => _time.GetTimestamp();

    private void MustBe(DeadlineFinding expected, int afterSeconds = 0)
    {
        _time.Advance(TimeSpan.FromSeconds(afterSeconds));
        Assert.Equal(expected, _deadline.Judge(Now, _time, Times));
    }
}

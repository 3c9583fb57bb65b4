using System.Net;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Listeners;

namespace Relay.Node.Tests.Listeners;

public sealed class RefusalTallyTests
{
    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Last = IPAddress.Parse("2001:db8::1");

    private readonly FakeTimeProvider _time = new();
    private readonly RefusalTally _tally;

    public RefusalTallyTests()
    {
        _tally = new RefusalTally(_time, ["a", "b"]);
    }

    [Fact]
    public void Nothing_is_told_while_nobody_is_refused()
    {
        Assert.Empty(_tally.TakeDue());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_tally.TakeDue());
        Assert.Empty(_tally.TakeAll());
    }

    [Fact]
    public void The_first_refusals_are_told_at_once_with_the_last_client()
    {
        _tally.Add("a", First);
        _tally.Add("a", Last);
        Assert.Equal([new RefusalSum("a", 2, Last)], _tally.TakeDue());
        Assert.Empty(_tally.TakeDue());
    }

    [Fact]
    public void More_of_them_wait_for_the_minute_to_end_and_none_is_forgotten()
    {
        _tally.Add("a", First);
        Assert.Single(_tally.TakeDue());
        for (var second = 1; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _tally.Add("a", Last);
            Assert.Empty(_tally.TakeDue());
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([new RefusalSum("a", 59, Last)], _tally.TakeDue());
    }

    [Fact]
    public void Limits_have_a_minute_each()
    {
        _tally.Add("a", First);
        Assert.Single(_tally.TakeDue());
        _tally.Add("b", Last);
        Assert.Equal([new RefusalSum("b", 1, Last)], _tally.TakeDue());
    }

    [Fact]
    public void A_stop_does_not_wait_for_the_minute()
    {
        _tally.Add("a", First);
        Assert.Single(_tally.TakeDue());
        _tally.Add("a", Last);
        Assert.Equal([new RefusalSum("a", 1, Last)], _tally.TakeAll());
    }
}

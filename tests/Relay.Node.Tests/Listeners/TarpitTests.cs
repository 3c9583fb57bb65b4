using Relay.Node.Listeners;

namespace Relay.Node.Tests.Listeners;

public sealed class TarpitTests
{
    private static readonly ConnectionTimes Times = new();

    [Fact]
    public void The_first_errors_cost_no_time_and_each_later_one_does()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.Zero, tarpit.Next(5, 0, Times));
        Assert.Equal(TimeSpan.FromSeconds(1), tarpit.Next(6, 0, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(6, 0, Times));
        Assert.Equal(TimeSpan.FromSeconds(3), tarpit.Next(9, 0, Times));
    }

    [Fact]
    public void Many_errors_at_once_wait_no_longer_than_a_bound()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.FromSeconds(5), tarpit.Next(20, 0, Times));
    }

    [Fact]
    public void An_accepted_mail_begins_anew()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.FromSeconds(2), tarpit.Next(7, 0, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(0, 0, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(5, 0, Times));
        Assert.Equal(TimeSpan.FromSeconds(1), tarpit.Next(6, 0, Times));
    }

    [Fact]
    public void Mails_that_are_refused_for_now_wait_from_the_eleventh_on()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.Zero, tarpit.Next(0, 10, Times));
        Assert.Equal(TimeSpan.FromSeconds(1), tarpit.Next(0, 11, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(5, 11, Times));
        Assert.Equal(TimeSpan.FromSeconds(2), tarpit.Next(6, 12, Times));
        Assert.Equal(TimeSpan.FromSeconds(5), tarpit.Next(6, 100, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(0, 0, Times));
    }
}

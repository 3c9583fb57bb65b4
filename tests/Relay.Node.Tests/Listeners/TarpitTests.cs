using Relay.Node.Listeners;

namespace Relay.Node.Tests.Listeners;

public sealed class TarpitTests
{
    private static readonly ConnectionTimes Times = new();

    [Fact]
    public void The_first_errors_cost_no_time_and_each_later_one_does()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.Zero, tarpit.Next(5, Times));
        Assert.Equal(TimeSpan.FromSeconds(1), tarpit.Next(6, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(6, Times));
        Assert.Equal(TimeSpan.FromSeconds(3), tarpit.Next(9, Times));
    }

    [Fact]
    public void Many_errors_at_once_wait_no_longer_than_a_bound()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.FromSeconds(5), tarpit.Next(20, Times));
    }

    [Fact]
    public void An_accepted_mail_begins_anew()
    {
        var tarpit = default(Tarpit);
        Assert.Equal(TimeSpan.FromSeconds(2), tarpit.Next(7, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(0, Times));
        Assert.Equal(TimeSpan.Zero, tarpit.Next(5, Times));
        Assert.Equal(TimeSpan.FromSeconds(1), tarpit.Next(6, Times));
    }
}

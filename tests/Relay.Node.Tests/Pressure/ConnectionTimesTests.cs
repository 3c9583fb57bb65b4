using Relay.Actors.Pressure;
using Relay.Node.Listeners;

namespace Relay.Node.Tests.Pressure;

public sealed class ConnectionTimesTests
{
    [Theory]
    [InlineData(PressureLevel.Normal, 300, 30, 500)]
    [InlineData(PressureLevel.Medium, 60, 10, 2_000)]
    [InlineData(PressureLevel.High, 10, 5, 8_000)]
    [InlineData(PressureLevel.Critical, 10, 5, 8_000)]
    public void Clients_have_less_time_under_pressure(PressureLevel level, int command, int grace, int rate)
    {
        var times = new ConnectionTimes().Under(PressureTable.Of(level));
        Assert.Equal((command, grace, rate), (times.Command.TotalSeconds, times.BodyGrace.TotalSeconds, times.BodyRateMin));
    }

    [Fact]
    public void Times_that_are_shorter_already_stay()
    {
        var times = new ConnectionTimes { Command = TimeSpan.FromSeconds(1), BodyRateMin = 100_000 }.Under(PressureTable.Of(PressureLevel.High));
        Assert.Equal((1, 100_000), (times.Command.TotalSeconds, times.BodyRateMin));
    }
}

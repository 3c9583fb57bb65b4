using System.Globalization;
using Relay.Node.Logging;

namespace Relay.Node.Tests.Logging;

public sealed class LogSecondsTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(4_999, "0")]
    [InlineData(5_000, "0.001")]
    [InlineData(-4_999, "0")]
    [InlineData(-5_000, "-0.001")]
    [InlineData(1_200_000, "0.12")]
    [InlineData(9_999_999, "1")]
    [InlineData(100_000_000, "10")]
    [InlineData(105_030_000, "10.503")]
    [InlineData(4_320_000_000_010_000, "432000000.001")]
    public void A_time_is_written_in_seconds_with_up_to_three_decimals(long ticks, string text)
    {
        Assert.Equal(text, string.Create(CultureInfo.InvariantCulture, $"{new LogSeconds(new TimeSpan(ticks))}"));
        Assert.Equal(text, new LogSeconds(new TimeSpan(ticks)).ToString());
    }

    [Fact]
    public void Room_that_is_too_small_is_said_to_be_so()
    {
        var room = new char[2];
        Assert.False(new LogSeconds(TimeSpan.FromSeconds(1.5)).TryFormat(room, out _, default, null));
    }
}

using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class DurationTests
{
    [Theory]
    [InlineData("1s", 1)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("90m", 5400)]
    [InlineData("4h", 14400)]
    [InlineData("5d", 432000)]
    [InlineData("3650d", 315360000)]
    public void Duration_is_a_number_and_a_unit(string text, long seconds)
    {
        Assert.True(Duration.TryParse(text, out var value, out _));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("0s")]
    [InlineData("-5m")]
    [InlineData("+5m")]
    [InlineData("05m")]
    [InlineData("5 m")]
    [InlineData(" 5m")]
    [InlineData("5m ")]
    [InlineData("5M")]
    [InlineData("5min")]
    [InlineData("1.5h")]
    [InlineData("1,5h")]
    [InlineData("1h30m")]
    [InlineData("5ms")]
    [InlineData("3651d")]
    [InlineData("999999999999999999d")]
    [InlineData("9999999999999999999d")]
    [InlineData("\u0665m")] // an Arabic digit five
    public void Duration_refuses_everything_else(string text)
    {
        Assert.False(Duration.TryParse(text, out var value, out var error));
        Assert.Equal(default, value);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("90s", "90s")]
    [InlineData("120s", "2m")]
    [InlineData("60m", "1h")]
    [InlineData("24h", "1d")]
    [InlineData("36h", "36h")]
    public void Duration_is_written_with_the_largest_unit_that_divides_it(string text, string expected)
    {
        Assert.True(Duration.TryParse(text, out var value, out _));
        Assert.Equal(expected, value.ToString());
    }
}

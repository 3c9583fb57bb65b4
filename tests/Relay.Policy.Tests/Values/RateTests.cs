using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class RateTests
{
    [Theory]
    [InlineData("1/s", 1, 1)]
    [InlineData("100/min", 100, 60)]
    [InlineData("5000/h", 5000, 3600)]
    [InlineData("1000000000/d", 1_000_000_000, 86400)]
    public void Rate_is_a_count_and_a_period(string text, long count, int seconds)
    {
        Assert.True(Rate.TryParse(text, out var value, out _));
        Assert.Equal(new Rate(count, TimeSpan.FromSeconds(seconds)), value);
        Assert.Equal(text, value.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("/min")]
    [InlineData("0/min")]
    [InlineData("-1/min")]
    [InlineData("0100/min")]
    [InlineData("1.5/s")]
    [InlineData("100 /min")]
    [InlineData("100/ min")]
    [InlineData("100/m")]
    [InlineData("100/MIN")]
    [InlineData("100/sec")]
    [InlineData("100/min/min")]
    [InlineData("1000000001/s")]
    [InlineData("99999999999999999999/s")]
    public void Rate_refuses_everything_else(string text)
    {
        Assert.False(Rate.TryParse(text, out var value, out var error));
        Assert.Equal(default, value);
        Assert.NotEmpty(error);
    }
}

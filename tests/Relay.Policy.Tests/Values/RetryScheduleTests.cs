using CsCheck;
using Relay.Policy.Values;

namespace Relay.Policy.Tests.Values;

public sealed class RetryScheduleTests
{
    private const string DefaultText = "5m, 15m, 30m, 1h*4, 4h";

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 15)]
    [InlineData(3, 30)]
    [InlineData(4, 60)]
    [InlineData(7, 60)]
    [InlineData(8, 240)]
    [InlineData(9, 240)]
    [InlineData(100_000, 240)]
    [InlineData(int.MaxValue, 240)]
    [InlineData(0, 5)]
    [InlineData(int.MinValue, 5)]
    public void Schedule_waits_by_its_steps_and_repeats_the_last(int attempt, int minutes)
    {
        Assert.True(RetrySchedule.TryParse(DefaultText, out var schedule, out _));
        Assert.Equal(TimeSpan.FromMinutes(minutes), schedule.Delay(attempt));
    }

    [Fact]
    public void Default_schedule_is_the_one_documented()
    {
        Assert.True(RetrySchedule.TryParse(DefaultText, out var schedule, out _));
        Assert.Equal(schedule, RetrySchedule.Default);
        Assert.Equal(DefaultText, RetrySchedule.Default.ToString());
    }

    [Theory]
    [InlineData("5m", 1)]
    [InlineData("5m,10m", 2)]
    [InlineData("5m ,  10m", 2)]
    [InlineData("5m*3", 3)]
    [InlineData("1s*1000", 1000)]
    [InlineData("30d", 1)]
    public void Schedule_is_a_list_of_steps(string text, int steps)
    {
        Assert.True(RetrySchedule.TryParse(text, out var schedule, out _));
        Assert.Equal(steps, schedule.Steps.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("5m,")]
    [InlineData(",5m")]
    [InlineData("5m,,10m")]
    [InlineData("5m 10m")]
    [InlineData("5m; 10m")]
    [InlineData("1h*0")]
    [InlineData("1h*-1")]
    [InlineData("1h*04")]
    [InlineData("1h * 4")]
    [InlineData("4*1h")]
    [InlineData("1h*4*4")]
    [InlineData("0s")]
    [InlineData("31d")]
    [InlineData("1s*1001")]
    [InlineData("1s*600, 1s*401")]
    [InlineData("1s*999999999999999999")]
    [InlineData("5m\t,10m\n")]
    public void Schedule_refuses_everything_else(string text)
    {
        Assert.False(RetrySchedule.TryParse(text, out var schedule, out var error));
        Assert.Null(schedule);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Schedule_reads_back_what_it_writes()
    {
        var step = Gen.Select(Gen.OneOf("s", "m", "h"), Gen.Int[1, 99], Gen.Int[1, 4], (unit, count, times) => $"{count}{unit}*{times}");
        step.Array[1, 8].Sample(steps =>
        {
            Assert.True(RetrySchedule.TryParse(string.Join(',', steps), out var schedule, out var error), error);
            Assert.True(RetrySchedule.TryParse(schedule.ToString(), out var again, out error), error);
            Assert.Equal(schedule.Steps, again.Steps);
            Assert.Equal(schedule, again);
            Assert.Equal(schedule.GetHashCode(), again.GetHashCode());
        });
    }
}

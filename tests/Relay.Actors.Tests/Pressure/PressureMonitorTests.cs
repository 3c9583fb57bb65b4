using Relay.Actors.Pressure;

namespace Relay.Actors.Tests.Pressure;

public sealed class PressureMonitorTests
{
    private readonly PressureMonitor _monitor = new();
    private readonly Dictionary<PressureSignal, double> _values = [];
    private TimeSpan _now;

    [Fact]
    public void A_level_begins_at_once_and_ends_only_after_a_while_below_its_lower_mark()
    {
        Assert.Null(Sample(PressureSignals.Spool, 69.9));
        var up = Sample(PressureSignals.Spool, 85);
        Assert.Equal((PressureLevel.Normal, PressureLevel.High, PressureSignals.Spool, 85.0), (up!.From, up.To, up.Signal, up.Value));
        Assert.Equal(new PressureMarks(85, 78), up.Marks);

        Pass(TimeSpan.FromMinutes(1));
        Assert.Null(Sample(PressureSignals.Spool, 79)); // between the marks
        Pass(TimeSpan.FromMinutes(1));
        Assert.Null(Sample(PressureSignals.Spool, 60));
        Pass(PressureMonitor.CalmTime - TimeSpan.FromMilliseconds(1));
        Assert.Null(Sample(PressureSignals.Spool, 60));
        Assert.Null(Sample(PressureSignals.Spool, 79)); // not calm: the time begins anew
        Assert.Null(Sample(PressureSignals.Spool, 60));
        Pass(PressureMonitor.CalmTime);
        var down = Sample(PressureSignals.Spool, 60);
        Assert.Equal((PressureLevel.High, PressureLevel.Normal, PressureSignals.Spool), (down!.From, down.To, down.Signal));
        Assert.Equal(PressureLevel.Normal, _monitor.Level);
    }

    [Fact]
    public void The_worst_value_of_the_calm_says_how_far_down_it_goes()
    {
        Sample(PressureSignals.Spool, 99);
        Assert.Equal(PressureLevel.Critical, _monitor.Level);
        Sample(PressureSignals.Spool, 50);
        Sample(PressureSignals.Spool, 80);
        Pass(PressureMonitor.CalmTime);
        Assert.Equal(PressureLevel.High, Sample(PressureSignals.Spool, 50)!.To);
    }

    [Fact]
    public void What_is_free_presses_when_it_falls()
    {
        Sample(PressureSignals.DiskFree, 10.1);
        Assert.Equal(PressureLevel.Normal, _monitor.Level);
        Assert.Equal(PressureLevel.Critical, Sample(PressureSignals.DiskFree, 1.9)!.To);
        Sample(PressureSignals.DiskFree, 2.5);
        Pass(PressureMonitor.CalmTime);
        Assert.Null(Sample(PressureSignals.DiskFree, 2.5)); // not above the lower mark of the level yet
        Sample(PressureSignals.DiskFree, 50);
        Pass(PressureMonitor.CalmTime);
        Assert.Equal(PressureLevel.Normal, Sample(PressureSignals.DiskFree, 50)!.To);
    }

    [Fact]
    public void The_highest_signal_counts_and_the_change_names_the_one_that_brought_it_about()
    {
        Sample(PressureSignals.Memory, 75);
        Assert.Equal(PressureSignals.Queue, Sample(PressureSignals.Queue, 96)!.Signal);
        Assert.Equal((PressureLevel.Medium, 75.0), _monitor.StandingOf(PressureSignals.Memory));
        Sample(PressureSignals.Queue, 0);
        Pass(PressureMonitor.CalmTime);
        var down = Sample(PressureSignals.Queue, 0)!;
        Assert.Equal((PressureLevel.Critical, PressureLevel.Medium, PressureSignals.Queue), (down.From, down.To, down.Signal));
        Sample(PressureSignals.Memory, 10);
        Pass(PressureMonitor.CalmTime);
        Assert.Equal(PressureSignals.Memory, Sample(PressureSignals.Memory, 10)!.Signal);
    }

    [Fact]
    public void A_value_that_cannot_be_had_changes_nothing()
    {
        Sample(PressureSignals.Commit, 3_000);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Null(Sample(PressureSignals.Commit, double.NaN));
        Assert.Equal((PressureLevel.High, 3_000.0), _monitor.StandingOf(PressureSignals.Commit));
    }

    [Fact]
    public void A_signal_of_which_a_level_has_no_marks_does_not_lead_there()
    {
        Sample(PressureSignals.Pending, 100);
        Assert.Equal(PressureLevel.Medium, _monitor.Level);
    }

    [Fact]
    public void Marks_of_every_signal_are_in_order()
    {
        foreach (var signal in PressureSignals.All)
        {
            PressureMarks[] marks = [signal.Medium, .. new[] { signal.High, signal.Critical }.OfType<PressureMarks>()];
            Assert.All(marks, mark => Assert.Equal(signal.IsFalling, mark.Up < mark.Down));
            var ups = marks.Select(mark => signal.IsFalling ? -mark.Up : mark.Up).ToArray();
            Assert.Equal(ups.Order(), ups);
        }
    }

    [Fact]
    public void A_level_takes_no_more_than_the_one_below_it()
    {
        var effects = Enum.GetValues<PressureLevel>().Select(PressureTable.Of).ToArray();
        for (var i = 1; i < effects.Length; i++)
        {
            var (milder, harder) = (effects[i - 1], effects[i]);
            Assert.True(harder.CommandTime <= milder.CommandTime && harder.BodyGrace <= milder.BodyGrace && harder.BodyRateMin >= milder.BodyRateMin);
            Assert.True(milder.StrangersMail is null || harder.StrangersMail is not null);
            Assert.True(milder.UsersMail is null || harder.UsersMail is not null);
        }

        Assert.All(effects, static level => Assert.True(level.UsersMail is null || level.StrangersMail is not null));
    }

    private PressureChange? Sample(PressureSignal signal, double value)
    {
        _values[signal] = value;
        return _monitor.Sample([.. PressureSignals.All.Select(each => _values.GetValueOrDefault(each, double.NaN))], _now);
    }

    private void Pass(TimeSpan time) => _now += time;
}

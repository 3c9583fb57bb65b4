using Microsoft.Extensions.Time.Testing;
using Relay.Spool.Log;
using Relay.Spool.Tests.Simulation;
using Relay.TestKit.Disks;

namespace Relay.Spool.Tests.Log;

/// <summary>The log step by step, where what matters is when it comes to rest.</summary>
public sealed class SpoolLogTests
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly FakeTimeProvider _time = new();
    private readonly HashSet<EntryId> _completed = [];

    [Fact]
    public void A_disk_without_room_is_tried_again_though_nobody_writes_and_a_segment_is_open()
    {
        var told = new List<SpoolFault?>();
        var engine = Open(SimulatedSpool.Settings);
        engine.Log.HealthChanged = told.Add;
        Assert.True(TryWrite(engine, 100));
        _disk.Before = static (operation, name) => _ = operation == "create" ? throw new IOException($"No space left for {name}") : name;
        while (TryWrite(engine, 900))
        {
        }

        Assert.False(engine.Log.IsHealthy);
        Assert.NotNull(engine.Log.Active); // it has room for small records still
        Assert.Contains("No space left", Assert.Single(told)!.Reason, StringComparison.Ordinal);

        engine.Log.Step();
        Assert.Single(told); // not before the interval
        _time.Advance(SimulatedSpool.Settings.ProbeInterval);
        engine.Log.Step();
        Assert.Equal(2, told.Count);
        _disk.Before = null;
        _time.Advance(SimulatedSpool.Settings.ProbeInterval);
        engine.Log.Step();
        Assert.True(engine.Log.IsHealthy);
        Assert.Null(told[^1]);
        Assert.True(TryWrite(engine, 900));
    }

    [Theory]
    [InlineData(4500)]
    [InlineData(6000)]
    [InlineData(7000)]
    public void A_full_log_of_records_that_fit_badly_comes_to_rest(int length)
    {
        // Two records in a segment leave a quarter of it empty, and no copy could do better.
        var engine = Open(SimulatedSpool.Settings with { InlineBodyMax = 7200, BatchBytesMax = 8 << 10 });
        while (TryWrite(engine, length))
        {
        }

        _time.Advance(SimulatedSpool.Settings.CompactionAge * 2);
        var steps = 0;
        while (engine.Log.Step())
        {
            Assert.InRange(++steps, 0, 200);
        }

        var operations = _disk.Operations;
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(SimulatedSpool.Settings.CompactionAge);
            engine.Log.Step();
        }

        Assert.Equal(operations, _disk.Operations);
    }

    [Fact]
    public void Segments_that_restarts_left_half_empty_are_put_together()
    {
        for (var start = 0; start < 8; start++)
        {
            var engine = Open(SimulatedSpool.Settings);
            Assert.True(TryWrite(engine, 900));
            engine.Log.Close();
        }

        var last = Open(SimulatedSpool.Settings);
        var before = last.Usage.SegmentsUsed;
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(SimulatedSpool.Settings.CompactionAge);
            last.Log.Step();
        }

        Assert.True(last.Usage.SegmentsUsed < before / 2, $"{last.Usage.SegmentsUsed} of {before} segments are left");
        Assert.Equal(8, last.Usage.LiveEntries);
    }

    // Twelve in a segment.
    [Theory]
    [InlineData(12, 0.05)]
    [InlineData(3, 1)]
    public void The_less_is_left_in_a_segment_the_sooner_it_is_put_together(int oneOf, double ages)
    {
        const int entries = 56;
        var engine = Open(SimulatedSpool.Settings with { QuotaBytes = 2 * SimulatedSpool.Settings.QuotaBytes });
        var all = new List<EntryId>();
        for (var i = 0; i < entries; i++)
        {
            var writer = engine.BeginEntry();
            all.Add(writer.Id);
            _ = writer.WriteAsync(new byte[900], CancellationToken.None).AsTask();
            _ = writer.CommitAsync(default, CancellationToken.None).AsTask();
            engine.Log.Step();
        }

        foreach (var (i, id) in all.Index())
        {
            if (i % oneOf != 0)
            {
                engine.Remove(id);
            }
        }

        var before = engine.Usage.SegmentsUsed;
        StepFor(engine, SimulatedSpool.Settings.CompactionAge * ages / 10);
        Assert.Equal(before, engine.Usage.SegmentsUsed);
        StepFor(engine, SimulatedSpool.Settings.CompactionAge * ages);
        Assert.InRange(engine.Usage.SegmentsUsed, 1, before - 2);
    }

    [Fact]
    public void Small_mail_is_in_the_next_batch_though_a_large_body_waits_to_be_written()
    {
        var engine = Open(SimulatedSpool.Settings);
        Write(engine, 12 << 10);
        Write(engine, 100);
        engine.Log.Step();
        Assert.Equal(1, engine.Usage.LiveEntries);
        while (engine.Log.Step())
        {
        }

        Assert.Equal(2, engine.Usage.LiveEntries);
    }

    [Fact]
    public void Closing_writes_what_waits_behind_an_abandoned_body()
    {
        var engine = Open(SimulatedSpool.Settings);
        var abandoned = engine.BeginEntry();
        _ = abandoned.WriteAsync(new byte[12 << 10], CancellationToken.None).AsTask();
        _ = abandoned.DisposeAsync().AsTask();
        Write(engine, 12 << 10);
        engine.Log.Close();
        Assert.Equal(1, engine.Usage.LiveEntries);
    }

    // More than a batch waits at any time: of small mail beside a large body, and the other way round.
    [Theory]
    [InlineData(900, 12 << 10)]
    [InlineData(12 << 10, 900)]
    public void What_fills_every_batch_keeps_nothing_else_from_being_written(int filling, int length)
    {
        var engine = Open(SimulatedSpool.Settings with { QuotaBytes = 64 * SimulatedSpool.Settings.SegmentBytes, BatchChunkBytesMax = 64 << 10 });
        EntryId? other = null;
        for (var step = 0; other is null || !_completed.Contains(other.Value); step++)
        {
            Assert.InRange(step, 0, 60);
            for (var i = 0; i <= (step == 0 ? 8 : 4) * 1024 / filling; i++)
            {
                Write(engine, filling);
            }

            other ??= Write(engine, length);
            engine.Log.Step();
        }
    }

    // A removal that a replay found can have come from memory alone: the next loss of power takes it back.
    [Fact]
    public void Entry_whose_removal_is_lost_comes_back_with_its_state_wherever_that_stands()
    {
        byte[] state = [1, 2, 3];
        var cameBack = 0;
        for (var seed = 1; seed <= 20; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var id = WriteWithStateInAnotherSegment(disk, state);
            var engine = Open(SimulatedSpool.Settings, disk);
            engine.Remove(id);
            CrashAt(disk, "sync", () => engine.Log.Step());
            disk.Kill();
            CrashAt(disk, "write", () => Open(SimulatedSpool.Settings, disk));
            disk.LosePower();
            var recovered = new List<RecoveredEntry>();
            SpoolEngine.Open(SimulatedSpool.Settings, disk, _time, Complete, recovered.Add);
            foreach (var back in recovered.Where(entry => entry.Id == id))
            {
                cameBack++;
                Assert.Equal(state, back.State.ToArray());
            }
        }

        Assert.InRange(cameBack, 1, 20);
    }

    // Where a segment ends is written again at each start. The older record may not go before the newer one is sure, or what is void behind the end is alive again.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Nothing_that_was_removed_comes_back_when_starts_are_cut_short(int syncsBefore)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var engine = Open(SimulatedSpool.Settings, disk);
            Write(engine, 900);
            engine.Log.Step();
            var removed = Write(engine, 900);
            CrashAt(disk, "sync", () => engine.Log.Step());
            disk.Kill();
            Open(SimulatedSpool.Settings, disk).Log.Close();
            disk.Kill();
            engine = Open(SimulatedSpool.Settings, disk);
            engine.Remove(removed);
            engine.Log.Close();
            disk.Kill();
            CrashAt(disk, "sync", () => Open(SimulatedSpool.Settings, disk), syncsBefore);
            disk.Kill();
            CrashAt(disk, "write", () => Open(SimulatedSpool.Settings, disk));
            disk.LosePower();
            var recovered = new List<RecoveredEntry>();
            SpoolEngine.Open(SimulatedSpool.Settings, disk, _time, Complete, recovered.Add);
            Assert.NotEqual(removed, Assert.Single(recovered).Id);
        }
    }

    private EntryId WriteWithStateInAnotherSegment(SimulatedDisk disk, byte[] state)
    {
        var engine = Open(SimulatedSpool.Settings, disk);
        var id = Write(engine, 900);
        engine.Log.Step();
        var first = FillSegment(engine)[^1];
        engine.SaveState(id, state);
        foreach (var other in FillSegment(engine).Prepend(first))
        {
            // The state alone is alive in the second segment.
            engine.Remove(other);
        }

        engine.Log.Close();
        disk.Kill();
        return id;
    }

    private static List<EntryId> FillSegment(SpoolEngine engine)
    {
        var ids = new List<EntryId>();
        var before = engine.Usage.SegmentsUsed;
        while (engine.Usage.SegmentsUsed == before)
        {
            ids.Add(Write(engine, 900));
            engine.Log.Step();
        }

        return ids;
    }

    // At the first of these operations on a segment, or after so many.
    private static void CrashAt(SimulatedDisk disk, string operation, Action action, int before = 0)
    {
        disk.Before = (entered, name) =>
        {
            if (entered == operation && Path.GetExtension(name) is (SegmentFiles.SegmentSuffix or SegmentFiles.SpareSuffix) && before-- <= 0)
            {
                throw new SimulatedCrashException(operation);
            }
        };
        Assert.Throws<SimulatedCrashException>(action);
        disk.Before = null;
    }

    private void StepFor(SpoolEngine engine, TimeSpan time)
    {
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(time / 10);
            while (engine.Log.Step())
            {
            }
        }
    }

    private SpoolEngine Open(SpoolSettings settings, SimulatedDisk? disk = null) =>
        SpoolEngine.Open(settings, disk ?? _disk, _time, Complete, static _ => { });

    private static bool TryWrite(SpoolEngine engine, int length)
    {
        var before = engine.Usage.LiveEntries;
        Write(engine, length);
        engine.Log.Step();
        return engine.Usage.LiveEntries > before;
    }

    private static EntryId Write(SpoolEngine engine, int length)
    {
        var writer = engine.BeginEntry();
        _ = writer.WriteAsync(new byte[length], CancellationToken.None).AsTask();
        _ = writer.CommitAsync(default, CancellationToken.None).AsTask();
        return writer.Id;
    }

    private void Complete(List<Completion> completions)
    {
        foreach (var (writer, error) in completions)
        {
            _completed.Add(writer.Id);
            writer.Complete(error);
        }
    }
}

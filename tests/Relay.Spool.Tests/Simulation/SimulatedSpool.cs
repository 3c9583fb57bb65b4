using Microsoft.Extensions.Time.Testing;
using Relay.Spool.Log;
using Relay.TestKit.Disks;

namespace Relay.Spool.Tests.Simulation;

/// <summary>One run of a random workload on a spool and a simulated disk, all on one thread, decided by a seed.</summary>
internal sealed class SimulatedSpool
{
    private const int Lives = 4;
    private const int StepsPerLife = 60;

    private readonly Random _random;
    private readonly SimulatedDisk _disk;
    private readonly FakeTimeProvider _time = new();
    private readonly SpoolModel _model = new();
    private readonly List<PendingCommit> _pending = [];
    private readonly List<(SpoolWriter Writer, byte[] Body, int Written)> _writing = [];
    private readonly List<SpoolReader> _readers = [];
    private readonly List<(Task Durable, SpoolModel.Wishes Wishes)> _waits = [];
    private SpoolEngine? _engine;

    public SimulatedSpool(int seed)
    {
        Seed = seed;
        _random = new Random(seed);
        _disk = new SimulatedDisk(seed ^ 0x5EED);
    }

    public static SpoolSettings Settings { get; } = new()
    {
        Directory = "spool",
        SegmentBytes = 16 << 10,
        QuotaBytes = 16 * (16 << 10),
        BatchBytesMax = 4 << 10,
        BatchChunkBytesMax = 1 << 10,
        BatchRecordsMax = 16,
        ChunkBytes = 512,
        InlineBodyMax = 1 << 10,
        HeaderBytesMax = 256,
        StateBytesMax = 128,
        PendingBytesMax = 64 << 10,
        ReserveSegments = 4,
        CompactionAge = TimeSpan.FromSeconds(2),
    };

    public int Seed { get; }

    public void Run()
    {
        var isFaulty = _random.Next(3) == 0;
        for (var life = 0; life < Lives; life++)
        {
            _disk.Faults = new DiskFaults(
                Crash: 0.01,
                WriteError: isFaulty ? 0.02 : 0,
                SyncError: isFaulty ? 0.03 : 0,
                NameError: isFaulty ? 0.02 : 0);
            try
            {
                Open();
                Live();
                if (_random.Next(3) == 0)
                {
                    Close();
                    continue;
                }
            }
            catch (SimulatedCrashException)
            {
            }
            catch (SpoolException) when (isFaulty && _engine is null)
            {
                // An opening may give up while the disk fails.
            }

            Crash();
        }

        Settle();
    }

    private void Open()
    {
        var recovered = new List<RecoveredEntry>();
        var engine = SpoolEngine.Open(Settings, _disk, _time, Complete, recovered.Add);
        var damage = string.Join("; ", engine.Recovery.Quarantined);
        Assert.True(damage.Length == 0, $"damage where there is none: {damage}");
        _engine = engine;
        _model.Recover(recovered, id => Read(engine, id));
        CheckQuota();
    }

    private void Live()
    {
        for (var step = 0; step < StepsPerLife; step++)
        {
            Act();
            CheckQuota();
        }
    }

    private void Act()
    {
        var engine = _engine!;
        switch (_random.Next(21))
        {
            case < 6:
                Begin(_random.Next(12) == 0 ? _random.Next(1200, 5000) : _random.Next(0, 900));
                break;
            case < 8 when _writing.Count > 0:
                var index = _random.Next(_writing.Count);
                if (_random.Next(6) == 0)
                {
                    _ = _writing[index].Writer.DisposeAsync().AsTask();
                    _writing.RemoveAt(index);
                }
                else
                {
                    Continue(index);
                }

                break;
            case < 10:
                if (_model.Pick(_random) is { } removed)
                {
                    engine.Remove(removed);
                    _model.Removing(removed);
                }

                break;
            case 10:
                if (_model.Pick(_random) is { } stated)
                {
                    var state = Bytes(_random.Next(1, 100));
                    engine.SaveState(stated, state);
                    _model.Saving(stated, state);
                }

                break;
            case 11:
                if (_model.Pick(_random) is { } read)
                {
                    _model.CheckBody(read, Read(engine, read));
                }

                break;
            case 12:
                _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 4)));
                break;
            case 13:
                if (_readers.Count > 2 || (_readers.Count > 0 && _random.Next(2) == 0))
                {
                    _readers[0].Dispose();
                    _readers.RemoveAt(0);
                }
                else if (_model.Pick(_random) is { } pinned)
                {
                    _readers.Add(engine.OpenEntry(pinned));
                }

                break;
            case 14:
                _waits.Add((engine.WhenDurableAsync(), _model.WishesNow()));
                CheckWaits();
                break;
            default:
                Step();
                break;
        }
    }

    /// <summary>Whoever waits for what has been asked for by then is told when it is durable, and not before.</summary>
    private void CheckWaits()
    {
        foreach (var (durable, wishes) in _waits.Where(static wait => wait.Durable.IsCompletedSuccessfully))
        {
            SpoolModel.CheckDurable(wishes, id => _engine!.Log.State.Entries.GetValueOrDefault(id.Sequence));
        }

        _waits.RemoveAll(static wait => wait.Durable.IsCompleted);
    }

    private void Begin(int length)
    {
        var writer = _engine!.BeginEntry();
        _model.Begun(writer.Id);
        _writing.Add((writer, Bytes(length), 0));
        if (_random.Next(3) > 0)
        {
            Continue(_writing.Count - 1);
        }
    }

    /// <summary>Writes more of a body, and commits when it is whole.</summary>
    private void Continue(int index)
    {
        var (writer, body, written) = _writing[index];
        _writing.RemoveAt(index);
        var part = _random.Next(2) == 0 ? body.Length - written : _random.Next(body.Length - written + 1);
        try
        {
            var write = writer.WriteAsync(body.AsMemory(written, part), CancellationToken.None).AsTask();
            Assert.True(write.IsCompleted, "a write waits though nobody else has memory");
            write.GetAwaiter().GetResult();
            if (written + part < body.Length)
            {
                _writing.Add((writer, body, written + part));
                return;
            }

            var header = Bytes(_random.Next(200));
            var commit = writer.CommitAsync(header, CancellationToken.None);
            _pending.Add(new PendingCommit(writer, commit.AsTask()));
            _model.Committing(writer.Id, body, header);
        }
        catch (SpoolException)
        {
            _ = writer.DisposeAsync().AsTask();
        }
    }

    private void Step()
    {
        _engine!.Log.Step();
        CheckWaits();
        Settle(_engine);
    }

    private void Settle(SpoolEngine engine) =>
        _model.Observe(id => engine.Log.State.Entries.GetValueOrDefault(id.Sequence));

    private void Complete(List<Completion> completions)
    {
        // Failures first: what the next batch acknowledges must not come with the failed one.
        foreach (var (writer, error) in completions)
        {
            writer.Complete(error);
            if (error is not null)
            {
                _model.Failed(writer.Id, isWritten: error is not SpoolFullException);
            }
        }

        foreach (var (writer, error) in completions)
        {
            if (error is null)
            {
                _model.Acknowledged(writer.Id);
            }
        }

        _pending.RemoveAll(commit => completions.Exists(completion => ReferenceEquals(completion.Writer, commit.Writer)));
    }

    private void Close()
    {
        Forget();
        _engine!.Log.Close();
        CheckWaits();
        Assert.Empty(_waits);
        Settle(_engine);
        _engine.Dispose();
        _engine = null;
        _disk.Kill();
        _model.Crashed();
    }

    private void Crash()
    {
        Forget();
        _engine = null;
        if (_random.Next(3) == 0)
        {
            _disk.Kill();
        }
        else
        {
            _disk.LosePower();
        }

        _model.Crashed();
        CheckQuota();
    }

    private void Forget()
    {
        _waits.Clear();
        _pending.Clear();
        _writing.Clear();
        _readers.Clear();
    }

    /// <summary>With a disk that works again everything is there, everything can be removed, and then there is room.</summary>
    private void Settle()
    {
        _disk.Faults = DiskFaults.None;
        if (_engine is null)
        {
            Open();
        }

        foreach (var id in _model.LiveIds)
        {
            _engine!.Remove(id);
            _model.Removing(id);
            if (_random.Next(3) == 0)
            {
                Step();
            }
        }

        for (var step = 0; step < 200; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Step();
            CheckQuota();
        }

        Assert.Empty(_engine!.Log.State.Entries);
        Assert.Equal(0, _engine.Log.State.Controls.Count);
        Assert.Empty(_waits);
        Assert.True(_engine.WhenDurableAsync().IsCompletedSuccessfully, "an idle spool makes others wait");
        Assert.True(_engine.Log.State.Segments.Count <= 2, $"{_engine.Log.State.Segments.Count} segments of an empty spool were not freed");
        Begin(900);
        while (_writing.Count > 0)
        {
            Continue(_writing.Count - 1);
        }

        Step();
        Assert.True(_model.LiveIds.Count() == 1, "an empty spool takes no entry");
        Crash();
        Open();
    }

    private void CheckQuota() =>
        Assert.True(_disk.PeakBytes <= Settings.QuotaBytes, $"{_disk.PeakBytes} bytes on disk exceed the quota of {Settings.QuotaBytes}");

    private static byte[] Read(SpoolEngine engine, EntryId id)
    {
        using var reader = engine.OpenEntry(id);
        var body = new byte[reader.Length];
        var offset = 0;
        while (reader.Read(offset, body.AsSpan(offset)) is var count and > 0)
        {
            offset += count;
        }

        Assert.Equal(body.Length, offset);
        return [.. reader.Header.Span, .. body];
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private sealed record PendingCommit(SpoolWriter Writer, Task Task);
}

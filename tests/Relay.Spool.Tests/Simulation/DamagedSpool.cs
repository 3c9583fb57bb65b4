using Microsoft.Extensions.Time.Testing;
using Relay.Spool.Log;
using Relay.Spool.Records;
using Relay.Spool.Replay;
using Relay.TestKit.Disks;

namespace Relay.Spool.Tests.Simulation;

/// <summary>Fills a spool, damages its files in one place by a seed, and opens it again.</summary>
internal sealed class DamagedSpool
{
    private readonly Random _random;
    private readonly SimulatedDisk _disk;
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<EntryId, byte[]> _bodies = [];
    private readonly Dictionary<EntryId, List<(string File, int Offset, int Length)>> _places = [];
    private readonly HashSet<EntryId> _removed = [];
    private readonly Dictionary<string, SegmentExtent> _ends = [];

    public DamagedSpool(int seed)
    {
        _random = new Random(seed);
        _disk = new SimulatedDisk(seed);
    }

    public void Run()
    {
        var isClosed = _random.Next(2) == 0;
        Fill(isClosed);
        var before = _disk.Names.ToDictionary(name => name, name => (byte[])_disk.Bytes(name).Clone());
        var file = _disk.Names[_random.Next(_disk.Names.Count)];
        Damage(file);
        var now = (byte[])_disk.Bytes(file).Clone();
        var isChanged = _ends.TryGetValue(file, out var end) && IsProvenPartChanged(before[file], now, end);

        var recovered = new Dictionary<EntryId, RecoveredEntry>();
        var engine = SpoolEngine.Open(
            SimulatedSpool.Settings, _disk, _time, static _ => { }, entry => recovered.Add(entry.Id, entry));
        foreach (var (id, body) in _bodies)
        {
            var isDamaged = _places[id].Exists(place => place.File == file && IsDifferent(before[file], now, place.Offset, place.Length));
            if (!isDamaged && !_removed.Contains(id))
            {
                Assert.True(recovered.ContainsKey(id), $"{id} is not damaged but lost");
            }
        }

        foreach (var (id, entry) in recovered)
        {
            Assert.True(_bodies.ContainsKey(id), $"{id} was never written");
            Assert.Equal(_bodies[id], Read(engine, id));
            Assert.Equal(_bodies[id].Length, entry.Length);
        }

        Assert.True(!isChanged || engine.Recovery.Quarantined.Count > 0, $"the damage in {file} was not reported");
        Assert.All(
            engine.Recovery.Quarantined,
            record => Assert.True(record.File == file || record.Reason.Contains("missing", StringComparison.Ordinal)));
        engine.Log.Close();
        OpenAgain(recovered.Keys);
    }

    private void OpenAgain(ICollection<EntryId> expected)
    {
        var again = new HashSet<EntryId>();
        SpoolEngine.Open(SimulatedSpool.Settings, _disk, _time, static _ => { }, entry => again.Add(entry.Id));
        Assert.True(again.SetEquals(expected), "a second opening finds something else");
    }

    private void Fill(bool isClosed)
    {
        var engine = SpoolEngine.Open(SimulatedSpool.Settings, _disk, _time, Complete, static _ => { });
        for (var step = 0; step < 60; step++)
        {
            Write(engine, _random.Next(10) == 0 ? _random.Next(1200, 4000) : _random.Next(900));
            if (_random.Next(4) == 0 && _bodies.Count > 0)
            {
                Touch(engine, _bodies.Keys.ElementAt(_random.Next(_bodies.Count)));
            }

            if (_random.Next(3) == 0)
            {
                engine.Log.Step();
            }
        }

        for (var step = 0; step < 5; step++)
        {
            engine.Log.Step();
        }

        foreach (var (_, entry) in engine.Log.State.Entries)
        {
            _places.Add(new EntryId(engine.Log.Identity.Owner, entry.Sequence),
                [.. entry.Places().Where(place => !place.Is(entry.State.Segment!, entry.State.Offset))
                    .Select(place => (place.Segment!.Name, place.Offset, place.Length))]);
        }

        foreach (var id in _bodies.Keys.Where(id => !_places.ContainsKey(id)).ToList())
        {
            _places.Add(id, []);
            _removed.Add(id);
        }

        if (isClosed)
        {
            engine.Log.Close();
        }

        foreach (var segment in engine.Log.State.Segments.Values)
        {
            _ends[segment.Name] = new SegmentExtent(segment.Seed, segment == engine.Log.Active ? LastBatch(segment) : segment.End);
        }
    }

    /// <summary>Where the last batch begins: from there on damage looks like a torn tail.</summary>
    private int LastBatch(Segment segment)
    {
        var walker = new SegmentWalker(_disk.Bytes(segment.Name), segment.Seed, SegmentHeader.DataStart, segment.End);
        var last = SegmentHeader.DataStart;
        while (walker.Next())
        {
            last = walker.Item == WalkerItem.Batch ? walker.Offset : last;
        }

        return last;
    }

    private void Touch(SpoolEngine engine, EntryId id)
    {
        if (_random.Next(2) == 0)
        {
            engine.Remove(id);
            _removed.Add(id);
        }
        else
        {
            engine.SaveState(id, new byte[_random.Next(100)]);
        }
    }

    private void Write(SpoolEngine engine, int length)
    {
        var body = new byte[length];
        _random.NextBytes(body);
        var writer = engine.BeginEntry();
        _bodies.Add(writer.Id, body);
        _ = writer.WriteAsync(body, CancellationToken.None).AsTask();
        _ = writer.CommitAsync(new byte[_random.Next(100)], CancellationToken.None).AsTask();
        if (_random.Next(3) > 0)
        {
            engine.Log.Step();
        }
    }

    private void Complete(List<Completion> completions)
    {
        foreach (var (writer, error) in completions)
        {
            writer.Complete(error);
            if (error is not null)
            {
                _bodies.Remove(writer.Id);
            }
        }
    }

    private void Damage(string name)
    {
        var bytes = _disk.Bytes(name);
        var start = _random.Next(bytes.Length);
        var span = bytes.AsSpan(start, Math.Min(bytes.Length - start, _random.Next(1, 1500)));
        switch (_random.Next(4))
        {
            case 0:
                bytes[start] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                span.Clear();
                break;
            case 2:
                _random.NextBytes(span);
                break;
            default:
                _disk.Truncate(name, start);
                break;
        }
    }

    /// <summary>Whether a batch or record before the last batch is changed, and the last batch can still be seen to begin.</summary>
    private static bool IsProvenPartChanged(byte[] before, byte[] now, SegmentExtent extent)
    {
        var walker = new SegmentWalker(before, extent.Seed, SegmentHeader.DataStart, extent.ProvenEnd);
        var isChanged = false;
        while (walker.Next())
        {
            var length = walker.Item == WalkerItem.Record ? RecordHeader.Size + walker.Record.Length : walker.Length;
            isChanged |= IsDifferent(before, now, walker.Offset, length);
        }

        return isChanged && (now.Length < before.Length || !IsDifferent(before, now, extent.ProvenEnd, BatchHeader.Size));
    }

    private static bool IsDifferent(byte[] before, byte[] now, int offset, int length) =>
        now.Length < offset + length || !now.AsSpan(offset, length).SequenceEqual(before.AsSpan(offset, length));

    private static byte[] Read(SpoolEngine engine, EntryId id)
    {
        using var reader = engine.OpenEntry(id);
        var body = new byte[reader.Length];
        var offset = 0;
        while (reader.Read(offset, body.AsSpan(offset)) is var count and > 0)
        {
            offset += count;
        }

        return body;
    }

    private readonly record struct SegmentExtent(uint Seed, int ProvenEnd);
}

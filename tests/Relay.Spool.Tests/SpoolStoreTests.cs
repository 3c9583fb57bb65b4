using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Relay.Spool.Disks;
using Relay.Spool.Log;
using Relay.TestKit.Disks;

namespace Relay.Spool.Tests;

public sealed class SpoolStoreTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"relay-spool-{Guid.NewGuid():N}");

    private SpoolSettings Settings => new() { Directory = _folder, QuotaBytes = 64L << 20 };

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(9_000_000)]
    public async Task Entry_comes_back_byte_for_byte_after_a_restart(int length)
    {
        var body = Bytes(length);
        EntryId id;
        await using (var store = Open(new FileDisk()))
        {
            id = await WriteAsync(store, body, "header"u8.ToArray());
            Assert.Equal(body, Read(store, id));
            store.SaveState(id, "tried once"u8);
        }

        var recovered = new List<RecoveredEntry>();
        await using var again = Open(new FileDisk(), recovered);
        var entry = Assert.Single(recovered);
        Assert.Equal(id, entry.Id);
        Assert.Equal(length, entry.Length);
        Assert.Equal("header"u8.ToArray(), entry.Header.ToArray());
        Assert.Equal("tried once"u8.ToArray(), entry.State.ToArray());
        Assert.Equal(body, Read(again, id));
        Assert.Empty(again.Recovery.Quarantined);
    }

    [Fact]
    public async Task Removed_entry_stays_away_after_a_restart()
    {
        await using (var store = Open(new FileDisk()))
        {
            var id = await WriteAsync(store, Bytes(100), default);
            store.Remove(id);
            Assert.Throws<SpoolException>(() => store.OpenEntry(id));
        }

        var recovered = new List<RecoveredEntry>();
        await using var again = Open(new FileDisk(), recovered);
        Assert.Empty(recovered);
    }

    [Fact]
    public async Task Second_opener_is_told_that_the_folder_is_in_use()
    {
        await using var store = Open(new FileDisk());
        var error = Assert.Throws<SpoolException>(() => Open(new FileDisk()));
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Abandoned_entry_leaves_nothing()
    {
        await using (var store = Open(new FileDisk()))
        {
            await using (var writer = store.BeginEntry())
            {
                await writer.WriteAsync(Bytes(3_000_000), CancellationToken.None);
            }

            await WriteAsync(store, Bytes(10), default);
            Assert.Equal(0, store.Usage.PendingBytes);
            Assert.Equal(1, store.Usage.LiveEntries);
        }

        var recovered = new List<RecoveredEntry>();
        await using var again = Open(new FileDisk(), recovered);
        Assert.Single(recovered);
        Assert.Empty(again.Recovery.Quarantined);
    }

    [Fact]
    public async Task Many_writers_share_syncs()
    {
        var disk = new SimulatedDisk(1);
        await using var store = Open(disk);
        using var allWait = new ManualResetEventSlim();
        disk.Before = (operation, _) =>
        {
            if (operation == "sync")
            {
                allWait.Wait(TimeSpan.FromSeconds(30));
            }
        };
        var before = disk.Syncs;
        var writes = Enumerable.Range(0, 2000).Select(_ => WriteAsync(store, Bytes(100), default)).ToList();
        allWait.Set();
        await Task.WhenAll(writes);
        Assert.Equal(2000, store.Usage.LiveEntries);
        Assert.True(disk.Syncs - before < 10, $"{disk.Syncs - before} syncs for 2000 entries");
    }

    [Fact]
    public async Task Large_bodies_wait_for_memory_and_all_arrive()
    {
        var settings = Settings with { PendingBytesMax = 256 << 10 };
        await using var store = SpoolStore.Open(settings, new SimulatedDisk(2), TimeProvider.System, static _ => { });
        var ids = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(index => Task.Run(() => WriteAsync(store, Bytes(2_000_000 + index), default))));
        Assert.All(ids, id => Assert.True(Read(store, id).Length >= 2_000_000));
        Assert.Equal(0, store.Usage.PendingBytes);
    }

    [Fact]
    public async Task Full_spool_refuses_entries_takes_removals_and_recovers()
    {
        var disk = new SimulatedDisk(3);
        await using var store = Open(disk);
        var ids = new List<EntryId>();
        await Assert.ThrowsAsync<SpoolFullException>(async () =>
        {
            while (true)
            {
                ids.Add(await WriteAsync(store, Bytes(900_000), default));
            }
        });
        Assert.True(disk.PeakBytes <= Settings.QuotaBytes);
        foreach (var id in ids)
        {
            store.Remove(id);
        }

        await Eventually(async () =>
        {
            try
            {
                await WriteAsync(store, Bytes(900_000), default);
                return true;
            }
            catch (SpoolFullException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Failed_sync_fails_its_batch_and_the_next_commit_goes_to_a_fresh_segment()
    {
        var disk = new SimulatedDisk(4);
        EntryId kept;
        await using (var store = Open(disk))
        {
            disk.Faults = new DiskFaults(SyncError: 1);
            await Assert.ThrowsAsync<SpoolUnavailableException>(() => WriteAsync(store, Bytes(10), default));
            disk.Faults = DiskFaults.None;
            Assert.NotNull(store.LastFault);
            kept = await WriteAsync(store, Bytes(20), default);
            Assert.True(store.IsHealthy);
        }

        disk.LosePower();
        var recovered = new List<RecoveredEntry>();
        await using var again = Open(disk, recovered);
        Assert.Equal(kept, Assert.Single(recovered).Id);
    }

    [Fact]
    public async Task Spool_is_unhealthy_while_no_segment_can_be_written_and_recovers_by_itself()
    {
        var disk = new SimulatedDisk(5);
        var time = new FakeTimeProvider();
        await using var store = SpoolStore.Open(Settings, disk, time, static _ => { });
        disk.Faults = new DiskFaults(SyncError: 1, NameError: 1);
        await Assert.ThrowsAsync<SpoolUnavailableException>(() => WriteAsync(store, Bytes(10), default));
        await Assert.ThrowsAsync<SpoolUnavailableException>(() => WriteAsync(store, Bytes(10), default));
        Assert.False(store.IsHealthy);
        disk.Faults = DiskFaults.None;
        await Eventually(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(store.IsHealthy);
        });
        await WriteAsync(store, Bytes(10), default);
    }

    [Fact]
    public async Task Cancelled_commit_leaves_nothing()
    {
        await using var store = Open(new SimulatedDisk(6));
        await using var writer = store.BeginEntry();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await writer.CommitAsync(default, new CancellationToken(true)));
        Assert.Equal(0, store.Usage.LiveEntries);
    }

    [Fact]
    public async Task A_disk_with_room_for_one_segment_and_nothing_else_gives_out_what_is_on_it()
    {
        var disk = new SimulatedDisk(9);
        EntryId id;
        await using (var store = Open(disk))
        {
            id = await WriteAsync(store, [1, 2, 3], new byte[] { 4 });
        }

        disk.CapacityBytes = ((IDisk)disk).UsedBytes(Settings.Directory) + Settings.EffectiveSegmentBytes;
        var recovered = new List<RecoveredEntry>();
        await using var again = Open(disk, recovered);
        Assert.Equal(id, Assert.Single(recovered).Id);
        Assert.Equal([1, 2, 3], Read(again, id));
    }

    [Fact]
    public void Identity_is_written_over_where_there_is_no_room_for_another()
    {
        var disk = new SimulatedDisk(10);
        new SpoolIdentity(7, 1).Write(disk, "spool");
        disk.CapacityBytes = ((IDisk)disk).UsedBytes("spool");
        new SpoolIdentity(7, 2).Write(disk, "spool");
        Assert.Equal(new SpoolIdentity(7, 2), SpoolIdentity.Read(disk, "spool"));
    }

    [Fact]
    public void Quota_can_be_clamped_to_what_the_disk_holds()
    {
        const long Mebibyte = 1 << 20;
        var disk = new SimulatedDisk(7) { CapacityBytes = 1000 * Mebibyte };
        disk.Create("spool/x", 300 * Mebibyte).Dispose();
        Assert.Equal(1000 * Mebibyte, SpoolSettings.QuotaBytesFor(20_000 * Mebibyte, disk, "spool"));
        Assert.Equal(500 * Mebibyte, SpoolSettings.QuotaBytesFor(500 * Mebibyte, disk, "spool"));
        // A disk that others have filled: enough to open what is there, and to let it leave.
        disk.CapacityBytes = 301 * Mebibyte;
        Assert.Equal((300 + (3 * 64)) * Mebibyte, SpoolSettings.QuotaBytesFor(20_000 * Mebibyte, disk, "spool"));
        Assert.Equal(40 * Mebibyte, SpoolSettings.QuotaBytesFor(100 * Mebibyte, new SimulatedDisk(8) { CapacityBytes = 8 * Mebibyte }, "spool"));
    }

    private SpoolStore Open(IDisk disk, List<RecoveredEntry>? recovered = null) =>
        SpoolStore.Open(Settings, disk, TimeProvider.System, entry => recovered?.Add(entry));

    private static async Task<EntryId> WriteAsync(SpoolStore store, byte[] body, ReadOnlyMemory<byte> header)
    {
        await using var writer = store.BeginEntry();
        await writer.WriteAsync(new ReadOnlySequence<byte>(body), CancellationToken.None);
        await writer.CommitAsync(header, CancellationToken.None);
        return writer.Id;
    }

    private static byte[] Read(SpoolStore store, EntryId id)
    {
        using var reader = store.OpenEntry(id);
        var body = new byte[reader.Length];
        var offset = 0;
        while (reader.Read(offset, body.AsSpan(offset, Math.Min(10_000, body.Length - offset))) is var count and > 0)
        {
            offset += count;
        }

        return body;
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task Eventually(Func<Task<bool>> isTrue)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await isTrue())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25));
        }

        Assert.Fail("it did not come about in time");
    }
}

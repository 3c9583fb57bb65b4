using BenchmarkDotNet.Attributes;
using Relay.Spool;
using Relay.Spool.Disks;

namespace Relay.Benchmarks;

/// <summary>What it costs to make 4 KiB durable, alone and among many: a commit is a write and a sync that all who wait share.</summary>
public class SpoolBenchmarks
{
    private readonly byte[] _body = new byte[4096];
    private string _folder = "";
    private SpoolStore? _store;

    /// <summary>Messages that are committed at once.</summary>
    [Params(1, 16, 64)]
    public int AtOnce { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        // A disk: what is in memory only is soon synced.
        _folder = Path.Combine("/var/tmp", $"relay-benchmarks-{Guid.NewGuid():N}");
        _store = SpoolStore.Open(new SpoolSettings { Directory = _folder, QuotaBytes = 1L << 30 }, new FileDisk(), TimeProvider.System, static _ => { });
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public Task Commit() => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => CommitOneAsync()));

    private async Task CommitOneAsync()
    {
        await using var writer = _store!.BeginEntry();
        await writer.WriteAsync(_body.AsMemory(), CancellationToken.None);
        await writer.CommitAsync(ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        _store.Remove(writer.Id);
    }
}

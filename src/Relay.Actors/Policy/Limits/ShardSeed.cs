using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Relay.Messages.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>Says in which shard a budget lives, by a secret of the cluster: nobody outside can make up keys that all meet in one shard. Thread-safe.</summary>
public sealed class ShardSeed
{
    private static readonly string[] Names = [.. Enumerable.Range(0, LimitMessages.Shards).Select(static i => i.ToString(CultureInfo.InvariantCulture))];

    private readonly TaskCompletionSource _whenKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Known? _known;

    /// <summary>True once the secret is known: before, no budget can be found.</summary>
    public bool IsKnown => Volatile.Read(ref _known) is not null;

    /// <summary>Ends once the secret is known.</summary>
    public Task WhenKnown => _whenKnown.Task;

    /// <summary>The secret is this.</summary>
    public void Set(long secret)
    {
        Volatile.Write(ref _known, new Known(secret));
        _whenKnown.TrySetResult();
    }

    /// <summary>The name of a shard.</summary>
    public static string NameOf(int shard) => Names[shard];

    /// <summary>The number of a shard, by its name.</summary>
    public static int NumberOf(string shard) => int.Parse(shard, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The shard of a key; null before the secret is known.</summary>
    public string? ShardOf(string key) => Volatile.Read(ref _known) is { } known
        ? Names[XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()), known.Secret) % (ulong)Names.Length]
        : null;

    private sealed record Known(long Secret);
}

using System.Collections.Immutable;
using System.Net;

namespace Relay.Actors.Cluster;

/// <summary>The nodes that ought to be there and relay mail: those of the settings, whether they are in the cluster or not. Thread-safe.</summary>
/// <remarks>A node that is down has its mail on its disk and comes back with it, so whoever asks or changes something on all nodes counts it and names it.</remarks>
public sealed class ExpectedNodes
{
    private readonly ImmutableArray<string> _seeds;
    private ImmutableDictionary<string, (string Name, bool Relays)> _seen = ImmutableDictionary<string, (string Name, bool Relays)>.Empty;

    /// <summary>Begins, with nobody seen yet.</summary>
    /// <param name="seeds">The addresses of all nodes; empty for a cluster of one.</param>
    public ExpectedNodes(IEnumerable<IPEndPoint> seeds) => _seeds = [.. seeds.Select(static seed => seed.ToString())];

    /// <summary>How many nodes the settings name, witnesses included; 0 when they name none.</summary>
    public int Count => _seeds.Length;

    /// <summary>A member was seen: what it is and how it calls itself holds until it is seen again.</summary>
    /// <param name="address">Its address, as settings write it.</param>
    /// <param name="name">Its name.</param>
    /// <param name="relays">True when it relays mail; false for a witness.</param>
    public void Seen(string address, string name, bool relays)
    {
        if (_seeds.Contains(address, StringComparer.Ordinal) && (!Volatile.Read(ref _seen).TryGetValue(address, out var before) || before != (name, relays)))
        {
            ImmutableInterlocked.AddOrUpdate(ref _seen, address, (name, relays), (_, _) => (name, relays));
        }
    }

    /// <summary>Those that are missing. One that was never seen may be a witness, and counts.</summary>
    /// <param name="present">The addresses of all members, whatever they are.</param>
    public IEnumerable<MissingNode> Without(IEnumerable<string> present)
    {
        var seen = Volatile.Read(ref _seen);
        foreach (var seed in _seeds.Except(present, StringComparer.Ordinal))
        {
            if (!seen.TryGetValue(seed, out var known))
            {
                yield return new MissingNode(seed, seed);
            }
            else if (known.Relays)
            {
                yield return new MissingNode(known.Name, seed);
            }
        }
    }
}

/// <summary>A node that ought to be in the cluster, and is not.</summary>
/// <param name="Name">Its name; its address when it has told none.</param>
/// <param name="Address">Its address, as settings write it.</param>
public sealed record MissingNode(string Name, string Address);

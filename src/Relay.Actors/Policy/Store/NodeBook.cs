using System.Collections.Immutable;
using Akka.Actor;
using Relay.Actors.Cluster;
using Relay.Messages.Policies;

namespace Relay.Actors.Policy.Store;

/// <summary>The nodes that keep the document, as the store knows them: all members that were not removed.</summary>
internal sealed class NodeBook
{
    private readonly SortedDictionary<Address, NodeEntry> _entries = new(Comparer<Address>.Create(
        static (one, other) => string.CompareOrdinal(one.ToString(), other.ToString())));

    private readonly ExpectedNodes _expected;

    /// <summary>Nobody yet.</summary>
    /// <param name="expected">The nodes that ought to be there.</param>
    public NodeBook(ExpectedNodes expected) => _expected = expected;

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<NodeEntry> All => _entries.Values;

    /// <summary>How many nodes a majority is of: never fewer than the settings name, or a few that start alone would decide for all.</summary>
    public int Size => Math.Max(_expected.Count, _entries.Count);

    /// <summary>How many nodes are a majority.</summary>
    public int Majority => (Size / 2) + 1;

    /// <summary>A node is there.</summary>
    public NodeEntry Add(Address address, bool relays)
    {
        if (!_entries.TryGetValue(address, out var entry))
        {
            entry = new NodeEntry(address, relays);
            _entries.Add(address, entry);
        }

        return entry;
    }

    /// <summary>A node was removed.</summary>
    public void Remove(Address address) => _entries.Remove(address);

    /// <summary>Where a version is in force, of all nodes that relay mail and ought to have it: those that are not in the cluster do not.</summary>
    /// <param name="known">Nodes that were there before, and may be gone meanwhile.</param>
    /// <param name="millisecondsOf">How long a node took; null for one that has it not in force.</param>
    public ImmutableArray<NodeInForce> Standing(IEnumerable<NodeEntry> known, Func<NodeEntry, int?> millisecondsOf)
    {
        var nodes = All.Concat(known).DistinctBy(static node => node.Address).ToArray();
        var missing = _expected.Without(nodes.Select(static node => node.Place)).Select(static node => new NodeInForce(node.Name, false, 0));
        return [.. nodes.Where(static node => node.Relays)
            .Select(node => millisecondsOf(node) is { } milliseconds ? new NodeInForce(node.Name, true, milliseconds) : new NodeInForce(node.Name, false, 0))
            .Concat(missing).OrderBy(static node => node.Name, StringComparer.Ordinal)];
    }

    /// <summary>The node at an address, or null.</summary>
    public NodeEntry? Find(Address address) => _entries.GetValueOrDefault(address);
}

/// <summary>One node, as the store knows it.</summary>
internal sealed class NodeEntry(Address address, bool relays)
{
    /// <summary>Where it is.</summary>
    public Address Address { get; } = address;

    /// <summary>True when it relays mail.</summary>
    public bool Relays { get; } = relays;

    /// <summary>Its name; its address until it has told one.</summary>
    public string Name { get; set; } = PlaceOf(address);

    /// <summary>The same as settings write it.</summary>
    public string Place => PlaceOf(Address);

    /// <summary>False while the cluster cannot reach it.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The version that it said to have in force.</summary>
    public long InForce { get; set; }

    /// <summary>True when it said that it cannot put the current version in force.</summary>
    public bool Refuses { get; set; }

    private static string PlaceOf(Address address) => $"{address.Host}:{address.Port}";
}

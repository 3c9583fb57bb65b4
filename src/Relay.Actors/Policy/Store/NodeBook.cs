using Akka.Actor;

namespace Relay.Actors.Policy.Store;

/// <summary>The nodes that keep the document, as the store knows them: all members that were not removed.</summary>
internal sealed class NodeBook
{
    private readonly SortedDictionary<Address, NodeEntry> _entries = new(Comparer<Address>.Create(
        static (one, other) => string.CompareOrdinal(one.ToString(), other.ToString())));

    /// <summary>Nobody yet.</summary>
    /// <param name="known">Nodes that the cluster has by the settings, whether they are there or not; 0 when these do not say.</param>
    public NodeBook(int known)
    {
        Size = known;
    }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<NodeEntry> All => _entries.Values;

    /// <summary>How many nodes a majority is of: never fewer than the settings name, or a few that start alone would decide for all.</summary>
    public int Size => Math.Max(field, _entries.Count);

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
    public string Name { get; set; } = $"{address.Host}:{address.Port}";

    /// <summary>False while the cluster cannot reach it.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The version that it said to have in force.</summary>
    public long InForce { get; set; }

    /// <summary>True when it said that it cannot put the current version in force.</summary>
    public bool Refuses { get; set; }
}

namespace Relay.Node.Composition;

/// <summary>What still keeps the node from taking mail. Thread-safe.</summary>
internal sealed class NodeReadiness
{
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal) { SpoolReplayed, PolicyLoaded, ListenersBound };

    public const string SpoolReplayed = "the spool is not replayed yet";
    public const string PolicyLoaded = "no policy is loaded yet";
    public const string ListenersBound = "the listeners are not bound yet";
    public const string Draining = "the node is draining";

    /// <summary>The reasons that hold now; none when the node is ready.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            lock (_lock)
            {
                return [.. _missing];
            }
        }
    }

    public void Clear(string reason)
    {
        lock (_lock)
        {
            _missing.Remove(reason);
        }
    }

    public void Set(string reason)
    {
        lock (_lock)
        {
            _missing.Add(reason);
        }
    }
}

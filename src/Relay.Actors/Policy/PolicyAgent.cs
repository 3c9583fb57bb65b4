using Relay.Actors.Policy.Limits;
using Relay.Policy.Decisions;

namespace Relay.Actors.Policy;

/// <summary>Holds the policy in force on this node. Thread-safe; the only bridge between mail and cluster.</summary>
public sealed class PolicyAgent
{
    private PolicySnapshot _current;

    /// <summary>Starts with a policy in force.</summary>
    /// <param name="initial">The policy.</param>
    /// <param name="limits">What this node knows of limits; null: nothing, and it is the only node.</param>
    public PolicyAgent(PolicySnapshot initial, LimitAgent? limits = null)
    {
        ArgumentNullException.ThrowIfNull(initial);
        _current = initial;
        Limits = limits ?? new LimitAgent(new LimitBounds(), 1, TimeProvider.System);
    }

    /// <summary>Raised on the thread of <see cref="Apply"/>, behind each change: whoever listens must neither wait nor throw.</summary>
    public event Action? Applied;

    /// <summary>The policy in force. A transaction keeps the one it began with (I7).</summary>
    public PolicySnapshot Current => Volatile.Read(ref _current);

    /// <summary>What this node knows of limits: its leases, and the way to the budgets.</summary>
    public LimitAgent Limits { get; }

    /// <summary>Puts another policy in force for every mail that begins from now on.</summary>
    public void Apply(PolicySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Volatile.Write(ref _current, snapshot);
        Applied?.Invoke();
    }
}

using Relay.Policy.Penalties;

namespace Relay.Node.Penalties;

/// <summary>What a node remembers of one client.</summary>
internal sealed class PenaltyEntry
{
    /// <summary>How it behaves.</summary>
    public Standing Standing { get; } = new();

    /// <summary>What it did last.</summary>
    public Offence Last { get; set; }
}

using Relay.Actors.Cluster;

namespace Relay.Actors.Policy.Store;

/// <summary>What the store of a shared document works with.</summary>
/// <param name="Names">The document's actors.</param>
/// <param name="Expected">The nodes that ought to be there.</param>
/// <param name="Time">The clock.</param>
public sealed record StoreResources(DocumentNames Names, ExpectedNodes Expected, TimeProvider Time)
{
    /// <summary>Proposals that wait for the one that is on.</summary>
    public const int WaitingMax = 16;

    /// <summary>The time limits.</summary>
    public StoreTimes Times { get; init; } = new();
}

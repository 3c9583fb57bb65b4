namespace Relay.Actors.Policy.Store;

/// <summary>What the store of a shared document works with.</summary>
/// <param name="Names">The document's actors.</param>
/// <param name="KnownNodes">Nodes that the cluster has by the settings, itself included; 0 when these do not say.</param>
/// <param name="Time">The clock.</param>
public sealed record StoreResources(DocumentNames Names, int KnownNodes, TimeProvider Time)
{
    /// <summary>Proposals that wait for the one that is on.</summary>
    public const int WaitingMax = 16;

    /// <summary>The time limits.</summary>
    public StoreTimes Times { get; init; } = new();
}

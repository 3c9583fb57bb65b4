namespace Relay.Actors.Deliveries;

/// <summary>Who waits for a slot of <see cref="OutboundSlots"/>: it stands in line once, however often it asks.</summary>
/// <param name="wake">Called from any thread when a slot may be free; whoever comes first may have it. Must neither throw nor block.</param>
public sealed class SlotWaiter(Action wake)
{
    /// <summary>It stands in line. Guarded by the slots.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>It wants no slot any more. Guarded by the slots.</summary>
    internal bool HasLeft { get; set; }

    internal void Wake() => wake();
}

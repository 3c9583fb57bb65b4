using Akka.Actor;
using Relay.Messages.Destinations;

namespace Relay.Actors.Destinations;

/// <content>What a destination and its parent say to each other, and what it says to itself.</content>
public sealed partial class DestinationActor
{
    /// <summary>To the parent: nothing to do and nothing open.</summary>
    internal sealed record Idle(DestinationKey Destination) : INoSerializationVerificationNeeded;

    /// <summary>To the parent: work has come in the meantime, I stay.</summary>
    internal sealed record Busy(DestinationKey Destination) : INoSerializationVerificationNeeded;

    /// <summary>From the parent: stop if you still have nothing to do; whatever is announced from now on waits.</summary>
    internal sealed record Leave : INoSerializationVerificationNeeded
    {
        public static readonly Leave Instance = new();
    }

    /// <summary>From the parent: finish what is being carried, begin nothing, and stop.</summary>
    internal sealed record Drain : INoSerializationVerificationNeeded
    {
        public static readonly Drain Instance = new();
    }

    private sealed record ReopenDue : INoSerializationVerificationNeeded
    {
        public static readonly ReopenDue Instance = new();
    }

    private sealed record SlotDue : INoSerializationVerificationNeeded
    {
        public static readonly SlotDue Instance = new();
    }

    private sealed record PaceDue : INoSerializationVerificationNeeded
    {
        public static readonly PaceDue Instance = new();
    }

    private sealed record IdleDue : INoSerializationVerificationNeeded
    {
        public static readonly IdleDue Instance = new();
    }
}

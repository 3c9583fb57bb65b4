using Relay.Smtp.Client;

namespace Relay.Messages.Stored;

/// <summary>Where one recipient of a queued message stands.</summary>
public enum RecipientState
{
    /// <summary>Waiting for its first or next attempt.</summary>
    Waiting = 0,

    /// <summary>The next hop has taken it.</summary>
    Delivered = 1,

    /// <summary>It failed for good; the message stays in the queue so that this can be seen.</summary>
    Failed = 2,
}

/// <summary>What has become of one recipient so far; survives a restart.</summary>
/// <param name="State">Waiting, delivered or failed.</param>
/// <param name="Attempts">Attempts that have ended.</param>
/// <param name="Due">The earliest time of the next attempt, to the millisecond; meaningless unless waiting.</param>
/// <param name="Last">How the last attempt ended, or null before the first.</param>
public sealed record RecipientProgress(RecipientState State, int Attempts, DateTimeOffset Due, RecipientOutcome? Last)
{
    /// <summary>Not yet tried, due at once.</summary>
    public static readonly RecipientProgress Fresh = new(RecipientState.Waiting, 0, DateTimeOffset.MinValue, null);
}

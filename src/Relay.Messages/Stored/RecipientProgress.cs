using Relay.Messages.Queues;
using Relay.Smtp.Client;

namespace Relay.Messages.Stored;

/// <summary>Where one recipient of a queued message stands.</summary>
public enum RecipientState
{
    /// <summary>Waiting for its first or next attempt.</summary>
    Waiting = 0,

    /// <summary>The next hop has taken it.</summary>
    Delivered = 1,

    /// <summary>It failed for good and nobody may be told (null sender, NOTIFY=NEVER): recorded, and shown for a while.</summary>
    Failed = 2,

    /// <summary>It failed for good; the sender's report is not durable yet.</summary>
    Bouncing = 3,

    /// <summary>It failed for good and the sender's report is durable.</summary>
    Bounced = 4,

    /// <summary>An operator removed it.</summary>
    Removed = 5,

    /// <summary>The next hop has taken it and makes no reports of success; ours is not durable yet (RFC 3461 section 5.2.2).</summary>
    Relayed = 6,

    /// <summary>It is in the mailbox (LMTP); the report of success is not durable yet.</summary>
    InMailbox = 7,
}

/// <summary>What has become of one recipient so far; survives a restart.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Attempts">Attempts that have ended.</param>
/// <param name="Due">The earliest time of the next attempt, to the millisecond; when its fate was decided, once it no longer waits.</param>
/// <param name="Last">How the last attempt ended, or why there was none; null while there is nothing to say.</param>
public sealed record RecipientProgress(RecipientState State, int Attempts, DateTimeOffset Due, RecipientOutcome? Last)
{
    /// <summary>Not yet tried, due at once.</summary>
    public static readonly RecipientProgress Fresh = new(RecipientState.Waiting, 0, DateTimeOffset.MinValue, null);

    /// <summary>Host and address that the last attempt spoke to; null when it did not come to that.</summary>
    public string? NextHop { get; init; }

    /// <summary>When the last attempt ended, to the millisecond; the default before the first.</summary>
    public DateTimeOffset LastAt { get; init; }

    /// <summary>What an operator wants of it once the attempt that is on has ended without delivering; null: nothing.</summary>
    public RecipientWish? Wish { get; init; }

    /// <summary>True when nothing is to be done for this recipient any more (I3).</summary>
    public bool IsDone => State is RecipientState.Delivered or RecipientState.Bounced or RecipientState.Removed;
}

/// <summary>What an operator wants of a recipient, and why.</summary>
public sealed record RecipientWish(QueueAction Action, string Reason);

/// <summary>What has become of a queued message so far; survives a restart.</summary>
/// <param name="Recipients">One item a recipient, in the envelope's order.</param>
public sealed record MessageProgress(RecipientProgress[] Recipients)
{
    /// <summary>Why an operator, or the relay itself, holds the message; null when it is not held.</summary>
    public string? HoldReason { get; init; }

    /// <summary>When the hold began, to the millisecond; meaningless when it is not held.</summary>
    public DateTimeOffset HeldSince { get; init; }

    /// <summary>How long it was held before: so much later it expires.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>True when the sender has been told of the delay, or is not to be.</summary>
    public bool IsWarned { get; init; }

    /// <summary>How often in a row the process died while the message was in flight.</summary>
    public int Crashes { get; init; }

    /// <summary>Nothing was tried yet.</summary>
    /// <param name="recipients">How many recipients the envelope has.</param>
    public static MessageProgress Fresh(int recipients)
    {
        var progress = new RecipientProgress[recipients];
        Array.Fill(progress, RecipientProgress.Fresh);
        return new MessageProgress(progress);
    }
}

using Relay.Messages.Stored;

namespace Relay.Actors.Queues;

/// <summary>What becomes of a message that was in flight when the process died: it may be what killed it. Pure.</summary>
internal static class Suspects
{
    /// <summary>Said of a message that is tried once more, alone.</summary>
    public const string Reason = "it was in flight when the process died";

    private const string HeldReason = "it was in flight when the process died, twice: it may be what kills it; release it to try again";

    /// <summary>Tried alone after a while; held when that has happened too often.</summary>
    public static MessageProgress Mark(MessageProgress progress, QueueLimits limits, DateTimeOffset now)
    {
        var crashes = progress.Crashes + 1;
        if (crashes >= limits.CrashesMax && progress.HoldReason is null)
        {
            // Released, it begins anew.
            return progress with { Crashes = 0, HoldReason = HeldReason, HeldSince = Fates.ToMilliseconds(now) };
        }

        var due = Fates.ToMilliseconds(now + limits.SuspectTime);
        return progress with
        {
            Crashes = crashes,
            Recipients = Array.ConvertAll(
                progress.Recipients, recipient => recipient.State == RecipientState.Waiting && recipient.Due < due ? recipient with { Due = due } : recipient),
        };
    }
}

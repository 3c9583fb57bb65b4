using System.IO.Pipelines;
using Relay.Smtp.Replies;

namespace Relay.Node.Listeners;

/// <summary>Tells clients that speak before they are greeted: programs that only write, and do not read what a server says.</summary>
internal static class Pregreet
{
    /// <summary>The rule that refusals name.</summary>
    public const string Rule = "connections.pregreetWait";

    /// <summary>What such a client is told.</summary>
    public static readonly SmtpReply Reply = new(521, new(5, 5, 1), "Protocol error: wait for the greeting before you speak");

    /// <summary>Waits for the client to speak. What it says stays to be read.</summary>
    /// <param name="input">What it says.</param>
    /// <param name="wait">How long; a wake of the reader ends it, too.</param>
    /// <param name="time">The clock.</param>
    /// <returns>True when it spoke within that time.</returns>
    public static async ValueTask<bool> SpokeAsync(PipeReader input, TimeSpan wait, TimeProvider time)
    {
        using var timer = time.CreateTimer(static input => ((PipeReader)input!).CancelPendingRead(), input, wait, Timeout.InfiniteTimeSpan);
        var read = await input.ReadAsync().ConfigureAwait(false);
        input.AdvanceTo(read.Buffer.Start);
        if (read.IsCanceled)
        {
            input.CancelPendingRead(); // whoever woke this read, and is not the timer, has something to say to the next one
        }

        return !read.Buffer.IsEmpty;
    }
}

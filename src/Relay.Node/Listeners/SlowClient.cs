using Relay.Actors.Intake;
using Relay.Smtp.Replies;

namespace Relay.Node.Listeners;

/// <summary>What a client is told that is too slow.</summary>
internal static class SlowClient
{
    private static readonly SmtpReply TooSlow = new(421, new(4, 4, 2), "Timeout waiting for the client");
    private static readonly SmtpReply GivesWay = new(421, new(4, 4, 5), "Too slow while others wait for room, try again later");

    /// <summary>The reply, and the rule for the log; null for the protocol's own limits.</summary>
    /// <param name="mustGiveWay">Others wait for the room that is held for its mail.</param>
    public static (SmtpReply Reply, string? Rule) RefusalFor(bool mustGiveWay) =>
        mustGiveWay ? (GivesWay, Admissions.NameOf(Admission.Congested)) : (TooSlow, null);
}

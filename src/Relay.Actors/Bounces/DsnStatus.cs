using Relay.Smtp.Replies;

namespace Relay.Actors.Bounces;

/// <summary>The Status field of a recipient (RFC 3464 section 2.3.4, RFC 3463).</summary>
internal static class DsnStatus
{
    // RFC 3463 section 3.5 knows "delivery time expired" with class 4 only, failed or not; what the next hop said last is in Diagnostic-Code.
    private static readonly EnhancedStatus Expired = new(4, 4, 7);

    /// <summary>The reply's own status when its class fits what happened; 4.4.7 for an expired one, else the class alone.</summary>
    public static EnhancedStatus Of(DsnRecipient recipient)
    {
        if (recipient.IsExpired)
        {
            return Expired;
        }

        short statusClass = recipient.Action switch
        {
            DsnAction.Failed => 5,
            DsnAction.Delayed => 4,
            _ => 2,
        };
        return recipient.Outcome?.Reply.Status is { } status && status.Class == statusClass ? status : new EnhancedStatus(statusClass, 0, 0);
    }
}

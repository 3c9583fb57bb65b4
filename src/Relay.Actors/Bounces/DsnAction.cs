namespace Relay.Actors.Bounces;

/// <summary>What a delivery status notification says of one recipient (RFC 3464 section 2.3.3).</summary>
public enum DsnAction
{
    /// <summary>Given up: refused, expired, or ended by an operator.</summary>
    Failed,

    /// <summary>Not delivered yet; it is still tried.</summary>
    Delayed,

    /// <summary>In the recipient's mailbox.</summary>
    Delivered,

    /// <summary>Handed on to a host that does not report deliveries, so that nothing more will be heard of it (RFC 3461 section 5.2.2).</summary>
    Relayed,
}

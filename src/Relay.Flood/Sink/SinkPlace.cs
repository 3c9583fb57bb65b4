namespace Relay.Flood.Sink;

/// <summary>A place in the SMTP conversation where the sink can misbehave.</summary>
public enum SinkPlace
{
    /// <summary>
    /// A connection has been accepted; nothing has been sent. A fault stands in for the greeting and ends the connection.
    /// </summary>
    Connect,

    /// <summary>EHLO has been received (not HELO, so that a client may fall back to it).</summary>
    Ehlo,

    /// <summary>MAIL has been received and is well formed.</summary>
    Mail,

    /// <summary>RCPT has been received and is well formed.</summary>
    Rcpt,

    /// <summary>DATA, or the first BDAT of a transaction, has been received.</summary>
    Data,

    /// <summary>The whole body has been received; nothing has been counted, saved or answered.</summary>
    Dot,

    /// <summary>
    /// The message has been counted, saved and entered in the ledger, but not answered. For drops only: the client will send a duplicate.
    /// </summary>
    AfterDot,
}

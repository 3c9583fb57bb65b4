namespace Relay.Smtp.Envelopes;

/// <summary>How much of the message a failure notification returns (RFC 3461 section 4.3, the RET parameter).</summary>
public enum DsnReturn
{
    /// <summary>No RET parameter.</summary>
    Unspecified,

    /// <summary>RET=FULL.</summary>
    Full,

    /// <summary>RET=HDRS.</summary>
    Headers,
}

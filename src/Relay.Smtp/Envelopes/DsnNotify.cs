namespace Relay.Smtp.Envelopes;

/// <summary>When a notification is wanted for a recipient (RFC 3461 section 4.1, the NOTIFY parameter).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>No NOTIFY parameter.</summary>
    Unspecified = 0,

    /// <summary>NOTIFY=NEVER; it stands alone.</summary>
    Never = 1,

    /// <summary>NOTIFY has SUCCESS.</summary>
    Success = 2,

    /// <summary>NOTIFY has FAILURE.</summary>
    Failure = 4,

    /// <summary>NOTIFY has DELAY.</summary>
    Delay = 8,
}

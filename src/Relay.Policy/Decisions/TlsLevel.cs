namespace Relay.Policy.Decisions;

/// <summary>What a destination's connections demand of TLS (RFC 3207), from nothing to a proven peer.</summary>
public enum TlsLevel
{
    /// <summary>Never: STARTTLS is not asked for.</summary>
    None,

    /// <summary>When it is offered; without it when it is not, or when the handshake fails (then over a new connection). The peer is not proven.</summary>
    May,

    /// <summary>Always; the peer is not proven. Mail waits where it is not to be had.</summary>
    Encrypt,

    /// <summary>Always, and the peer's certificate is valid for the host's name.</summary>
    Verify,
}

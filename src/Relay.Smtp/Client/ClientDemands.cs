namespace Relay.Smtp.Client;

/// <summary>What one connection demands of its peer, and how it introduces itself.</summary>
public sealed record ClientDemands
{
    /// <summary>SMTP, without TLS, as nobody in particular.</summary>
    public static readonly ClientDemands Default = new();

    /// <summary>Whether STARTTLS is asked for (RFC 3207).</summary>
    public StartTlsUse StartTls { get; init; }

    /// <summary>It stands in for a connection that broke over TLS: that the peer wants TLS (530) says nothing of the mail.</summary>
    public bool IsTlsFallback { get; init; }

    /// <summary>The peer speaks LMTP (RFC 2033): LHLO, and behind the final dot one reply for each accepted recipient.</summary>
    public bool IsLmtp { get; init; }

    /// <summary>The content goes behind DATA, whatever the peer offers.</summary>
    public bool WithoutChunks { get; init; }

    /// <summary>Who we are (RFC 4954); null: nobody in particular. Never sent without TLS.</summary>
    public ClientCredentials? Credentials { get; init; }
}

/// <summary>When a connection asks for STARTTLS.</summary>
public enum StartTlsUse
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When it is offered. Where it is not, or is refused, the connection goes on in the clear.</summary>
    WhenOffered,

    /// <summary>Always. Where it is not to be had the connection has failed.</summary>
    Required,
}

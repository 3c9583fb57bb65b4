namespace Relay.Node.Settings;

/// <summary>A certificate and its key.</summary>
public record TlsSection
{
    /// <summary>The certificate, and behind it the chain to a root (PEM).</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key (PEM), not encrypted.</summary>
    public string? KeyFile { get; init; }
}

/// <summary>The certificate between nodes: each shows it to the others, and takes only what the authorities vouch for.</summary>
public sealed record ClusterTlsSection : TlsSection
{
    /// <summary>Who may vouch for nodes (PEM), with all that stands between them and a node's certificate.</summary>
    public string? AuthoritiesFile { get; init; }
}

/// <summary>The certificate of the listeners, read again when the files change, and who may vouch for clients.</summary>
public sealed record ListenerTlsSection : TlsSection
{
    /// <summary>Who may vouch for clients (PEM): the handshake asks for their certificates. Null: it does not.</summary>
    public string? ClientAuthoritiesFile { get; init; }
}

namespace Relay.Node.Settings;

/// <summary>A certificate and its key, read again when the files change. Not in force in this version.</summary>
public sealed record TlsSection
{
    /// <summary>The certificate chain (PEM).</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key (PEM).</summary>
    public string? KeyFile { get; init; }
}

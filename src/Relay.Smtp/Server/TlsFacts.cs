namespace Relay.Smtp.Server;

/// <summary>What a TLS handshake with a client settled.</summary>
/// <param name="Version">The protocol: <c>TLS 1.3</c>.</param>
/// <param name="CipherSuite">The suite by its IANA name.</param>
/// <param name="ClientIdentity">Whom the client's certificate names, once it is verified; null without one that is.</param>
public sealed record TlsFacts(string Version, string CipherSuite, string? ClientIdentity = null)
{
    /// <summary>Version and suite as logs show them: <c>TLS 1.3 TLS_AES_256_GCM_SHA384</c>.</summary>
    public string Summary { get; } = $"{Version} {CipherSuite}";
}

namespace Relay.Smtp.Server;

/// <summary>What a TLS handshake with a client settled.</summary>
/// <param name="Version">The protocol: <c>TLS 1.3</c>.</param>
/// <param name="CipherSuite">The suite by its IANA name.</param>
/// <param name="ClientIdentity">Whom the client's certificate names, once it is verified; null without one that is.</param>
public sealed record TlsFacts(string Version, string CipherSuite, string? ClientIdentity = null);

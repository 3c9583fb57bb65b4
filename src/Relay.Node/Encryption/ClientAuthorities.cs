using System.Security.Cryptography.X509Certificates;

namespace Relay.Node.Encryption;

/// <summary>Who may vouch for clients.</summary>
/// <param name="Roots">Those that vouch for themselves: one of them ends every chain.</param>
/// <param name="Intermediates">The others, in case a client does not send them.</param>
internal sealed record ClientAuthorities(X509Certificate2Collection Roots, X509Certificate2Collection Intermediates);

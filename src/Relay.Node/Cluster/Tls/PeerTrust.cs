using System.Security.Cryptography.X509Certificates;
using Relay.Node.Encryption;
using Relay.Node.Settings;

namespace Relay.Node.Cluster.Tls;

/// <summary>Whom nodes take for one of theirs: who has a certificate of the cluster's own authorities. Thread-safe.</summary>
internal sealed class PeerTrust
{
    private readonly ClientAuthorities _authorities;

    public PeerTrust(ClientAuthorities authorities) => _authorities = authorities;

    /// <summary>Why a certificate is not one of theirs; null when it is. Nothing is looked up over the network, revocation neither.</summary>
    /// <param name="certificate">What the peer showed; null for nothing.</param>
    public string? ProblemOf(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return "it shows no certificate";
        }

        using var chain = new X509Chain { ChainPolicy = Policy() };
        return chain.Build(certificate)
            ? null
            : $"its certificate \"{ShownText.Clean(certificate.Subject)}\" does not hold: {string.Join(", ", chain.ChainStatus.Select(static status => status.Status).Distinct())}";
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities.Roots);
        policy.ExtraStore.AddRange(_authorities.Intermediates);
        return policy;
    }
}

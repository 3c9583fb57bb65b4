using System.Security.Cryptography.X509Certificates;
using Akka.Remote.Hosting;
using Relay.Node.CommandLine;
using Relay.Node.Encryption;
using Relay.Node.Settings;

namespace Relay.Node.Cluster.Tls;

/// <summary>The certificate between nodes, as it was when the node started, and whom it trusts.</summary>
internal sealed class ClusterTls
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private ClusterTls(TlsMaterial material)
    {
        Material = material;
        Trust = new PeerTrust(material.Authorities!);
    }

    /// <summary>The certificate with its key, and the authorities.</summary>
    public TlsMaterial Material { get; }

    /// <summary>Whom it trusts.</summary>
    public PeerTrust Trust { get; }

    /// <summary>What the transport of Akka works with: both sides show a certificate, and both are checked.</summary>
    public SslOptions Options => new()
    {
        X509Certificate = Material.Certificate.TargetCertificate,
        SuppressValidation = false,
        RequireMutualAuthentication = true,
        ValidateCertificateHostname = false,
        CustomValidator = (certificate, _, _, _, _) => Trust.ProblemOf(certificate) is null,
    };

    /// <summary>Reads what the settings' <c>Cluster:Tls</c> names; null when they have no such section.</summary>
    /// <remarks>What is wrong with the own certificate shows here: later it would be the other nodes that have trouble with it.</remarks>
    /// <exception cref="CommandException">A file cannot be read, does not hold what it must, or the certificate would not be taken by the others.</exception>
    public static async Task<ClusterTls?> LoadAsync(NodeSettings settings, CancellationToken cancellation)
    {
        if (settings.Cluster.Tls is not { } section)
        {
            return null;
        }

        try
        {
            var names = new ListenerTlsSection
            {
                CertificateFile = section.CertificateFile,
                KeyFile = section.KeyFile,
                ClientAuthoritiesFile = section.AuthoritiesFile,
            };
            var tls = new ClusterTls(TlsMaterial.Of(await TlsFiles.ReadAsync(names, cancellation).ConfigureAwait(false)));
            return tls.OwnProblem() is { } problem ? throw new CommandException($"{section.CertificateFile}: {problem}") : tls;
        }
        catch (TlsFileException e)
        {
            throw new CommandException(e.Message);
        }
    }

    private string? OwnProblem()
    {
        var own = Material.Certificate.TargetCertificate;
        if (Trust.ProblemOf(own) is { } problem)
        {
            return $"the other nodes would not take it: {problem}";
        }

        // Each node calls the others and is called by them.
        return own.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage
            && !(Has(usage, ServerUse) && Has(usage, ClientUse))
            ? "is for servers or for clients alone (extended key usage): a node is both"
            : null;
    }

    private static bool Has(X509EnhancedKeyUsageExtension usage, string use) => usage.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Any(oid => oid.Value == use);
}

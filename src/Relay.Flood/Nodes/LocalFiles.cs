using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Flood.Load;

namespace Relay.Flood.Nodes;

/// <summary>Where a node of ours is.</summary>
internal sealed record LocalNodePlace(string Name, string Folder, int Smtp, int Api, int Cluster);

/// <summary>Writes the settings, the policy and the certificate of nodes of our own.</summary>
internal static class LocalFiles
{
    /// <summary>Octets of each node's spool.</summary>
    public const long QuotaBytes = 1L << 30;

    private const string PolicyName = "policy.json";
    private const string RecipientsName = "recipients.txt";
    private const string CertificateName = "flood.pem";
    private const string KeyName = "flood.key";

    /// <summary>The policy: mail for the sink from anyone, a dead destination, known recipients, and one limit for each client.</summary>
    public static async Task WritePolicyAsync(string folder, FloodSettings settings, IPEndPoint sink, int deadPort, CancellationToken cancellationToken)
    {
        var domain = FloodSettings.DomainOf(settings.Recipient);
        var dead = FloodSettings.DomainOf(settings.DeadRecipient);
        var perMinute = (long)Math.Round((settings.LimitPerSecond ?? throw new ArgumentException("a limit is needed", nameof(settings))) * 60);
        var policy = new
        {
            acceptedDomains = new[] { domain, dead },
            recipients = new Dictionary<string, string> { [domain] = $"file:{RecipientsName}", [dead] = "none" },
            relay = new { authenticated = true },
            routes = new object[]
            {
                new { domain, to = $"smtp://{sink}" },
                new { domain = dead, to = $"smtp://127.0.0.1:{deadPort}" },
            },
            limits = new object[]
            {
                new
                {
                    name = "client",
                    key = "client",
                    unit = "messages",
                    rate = string.Create(CultureInfo.InvariantCulture, $"{perMinute}/min"),
                    burst = (long)settings.LimitBurst,
                },
            },
        };
        await WriteJsonAsync(Path.Combine(folder, PolicyName), policy, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, RecipientsName), settings.Recipient + "\n", cancellationToken);
        WriteCertificate(folder);
    }

    /// <summary>The settings of one node, in a folder of its own.</summary>
    public static Task WriteNodeAsync(LocalNodePlace place, IReadOnlyList<int> seeds, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(place.Folder);
        var above = Path.GetDirectoryName(place.Folder)!;
        var settings = new
        {
            Node = new { place.Name, HostName = $"{place.Name}.relay.example", DataDirectory = "data" },
            Listeners = new[] { new { Name = "public", Address = $"127.0.0.1:{place.Smtp}", Tls = "Offered", Authentication = "Offered" } },
            Tls = new { CertificateFile = Path.Combine(above, CertificateName), KeyFile = Path.Combine(above, KeyName) },
            Admin = new { Address = $"127.0.0.1:{place.Api}" },
            Cluster = new { Address = $"127.0.0.1:{place.Cluster}", Seeds = seeds.Count == 1 ? [] : seeds.Select(port => $"127.0.0.1:{port}").ToArray() },
            Spool = new { QuotaBytes = QuotaBytes.ToString(CultureInfo.InvariantCulture) },
            PolicyFile = Path.Combine(above, PolicyName),
        };
        return WriteJsonAsync(Path.Combine(place.Folder, "relay.json"), settings, cancellationToken);
    }

    private static async Task WriteJsonAsync<T>(string path, T value, CancellationToken cancellationToken)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, value, cancellationToken: cancellationToken);
    }

    private static void WriteCertificate(string folder)
    {
        using var key = ECDsa.Create(OwnCertificate.Curve);
        using var certificate = OwnCertificate.Make("relay.example", key, TimeProvider.System.GetUtcNow());
        File.WriteAllText(Path.Combine(folder, CertificateName), certificate.ExportCertificatePem());
        var keyFile = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            keyFile.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(Path.Combine(folder, KeyName), keyFile);
        writer.Write(key.ExportPkcs8PrivateKeyPem());
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Node.Encryption;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Encryption;

public sealed class ClientIdentityTests : IDisposable
{
    private readonly TestCertificates _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void A_mailbox_comes_before_a_host_and_a_common_name() => Names(
        "alice@relay.example",
        "CN=somebody",
        names =>
        {
            names.AddDnsName("host.relay.example");
            names.AddEmailAddress("alice@relay.example");
        });

    [Fact]
    public void A_host_comes_before_a_common_name() => Names("host.relay.example", "CN=somebody", names => names.AddDnsName("Host.Relay.Example"));

    [Fact]
    public void Without_either_the_common_name_counts() => Names("alice", "CN=alice, O=Relay");

    [Fact]
    public void Other_alternative_names_name_nobody_and_hide_the_common_name()
    {
        Names(null, "CN=alice", names => names.AddIpAddress(System.Net.IPAddress.Loopback));
        Names(null, "CN=alice", names => names.AddUri(new Uri("urn:x:alice")));
        Names(null, "CN=alice", names => names.AddUserPrincipalName("alice@relay.example"));
    }

    [Fact]
    public void Under_an_authority_with_constrained_names_the_common_name_does_not_count()
    {
        using var constrained = Constrained();
        using var common = _authority.ForClient("CN=alice");
        using var named = _authority.ForClient("CN=x", names => names.AddEmailAddress("alice@relay.example"));
        Assert.Null(ClientIdentity.Of(common, [constrained]));
        Assert.Equal("alice", ClientIdentity.Of(common, [common]));
        Assert.Equal("alice@relay.example", ClientIdentity.Of(named, [constrained]));
    }

    [Theory]
    [InlineData(X509KeyUsageFlags.CrlSign, null)]
    [InlineData(X509KeyUsageFlags.KeyEncipherment, null)]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, "alice")]
    public void A_key_that_may_not_sign_names_nobody(X509KeyUsageFlags usage, string? identity)
    {
        using var certificate = SelfSigned(new X509KeyUsageExtension(usage, critical: true));
        Assert.Equal(identity, ClientIdentity.Of(certificate, []));
    }

    [Fact]
    public void Two_mailboxes_are_two_readings() => Names(
        null,
        "CN=alice",
        names =>
        {
            names.AddEmailAddress("alice@relay.example");
            names.AddEmailAddress("bob@relay.example");
        });

    [Fact]
    public void Two_hosts_are_two_readings() => Names(
        null,
        "CN=alice",
        names =>
        {
            names.AddDnsName("a.relay.example");
            names.AddDnsName("b.relay.example");
        });

    [Theory]
    [InlineData("CN=alice, CN=bob")]
    [InlineData("CN=Alice Smith")]
    [InlineData("CN=al\u0000ice")]
    [InlineData("CN=al\u0007ice")]
    [InlineData("CN=\u00e4lice")]
    [InlineData("O=Relay")]
    public void What_can_be_read_in_two_ways_names_nobody(string subject) => Names(null, subject);

    [Fact]
    public void A_star_stands_for_many() => Names(null, "CN=alice", names => names.AddDnsName("*.relay.example"));

    [Fact]
    public void A_mailbox_with_a_NUL_names_nobody_and_no_other_name_stands_in()
    {
        var mailbox = "alice@relay.example\0.evil.example"u8.ToArray();
        using var certificate = SelfSigned(
            new X509Extension("2.5.29.17", [0x30, (byte)(mailbox.Length + 2), 0x81, (byte)mailbox.Length, .. mailbox], critical: false));
        Assert.Null(ClientIdentity.Of(certificate, []));
    }

    [Fact]
    public void Names_that_are_no_ASN_1_name_nobody()
    {
        using var certificate = SelfSigned(new X509Extension("2.5.29.17", [0x30, 0x05, 0x81, 0x09, 0x41], critical: false));
        Assert.Null(ClientIdentity.Of(certificate, []));
    }

    private void Names(string? identity, string subject, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        using var certificate = _authority.ForClient(subject, names);
        Assert.Equal(identity, ClientIdentity.Of(certificate, []));
    }

    // Only mailboxes of evil.example: NameConstraints ::= { permittedSubtrees [0] { { base rfc822Name [1] } } }
    private static X509Certificate2 Constrained()
    {
        var domain = "evil.example"u8.ToArray();
        var (inner, outer) = ((byte)(domain.Length + 2), (byte)(domain.Length + 4));
        return SelfSigned(new X509Extension(
            "2.5.29.30", [0x30, (byte)(outer + 2), 0xA0, outer, 0x30, inner, 0x81, (byte)domain.Length, .. domain], critical: true));
    }

    private static X509Certificate2 SelfSigned(X509Extension extension)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(TestCertificates.From, TestCertificates.To);
    }
}

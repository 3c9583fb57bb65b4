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
    public void An_address_is_no_name_and_hides_none() =>
        Names("alice", "CN=alice", names => names.AddIpAddress(System.Net.IPAddress.Loopback));

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
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256);
        var mailbox = "alice@relay.example\0.evil.example"u8.ToArray();
        request.CertificateExtensions.Add(
            new X509Extension("2.5.29.17", [0x30, (byte)(mailbox.Length + 2), 0x81, (byte)mailbox.Length, .. mailbox], critical: false));
        using var certificate = request.CreateSelfSigned(TestCertificates.From, TestCertificates.To);
        Assert.Null(ClientIdentity.Of(certificate));
    }

    [Fact]
    public void Names_that_are_no_ASN_1_name_nobody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x05, 0x81, 0x09, 0x41], critical: false));
        using var certificate = request.CreateSelfSigned(TestCertificates.From, TestCertificates.To);
        Assert.Null(ClientIdentity.Of(certificate));
    }

    private void Names(string? identity, string subject, Action<SubjectAlternativeNameBuilder>? names = null)
    {
        using var certificate = _authority.ForClient(subject, names);
        Assert.Equal(identity, ClientIdentity.Of(certificate));
    }
}

using System.Security.Cryptography;
using Relay.Node.CommandLine;
using Relay.Node.Encryption;
using Relay.Node.Settings;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Encryption;

public sealed class TlsMaterialTests : IDisposable
{
    private readonly CertificateFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_chain_behind_the_certificate_is_sent_too()
    {
        using var certificate = _files.Authority.For("mx.relay.example", TestCertificates.To, byIntermediate: true);
        _files.Write(certificate, _files.Authority.IntermediatePem);
        var material = TlsMaterial.Of(await TlsFiles.ReadAsync(_files.Section, CancellationToken.None));
        Assert.Equal("CN=Relay test intermediate", Assert.Single(material.Certificate.IntermediateCertificates).Subject);
        Assert.Null(material.Authorities);
    }

    [Fact]
    public async Task A_file_that_is_not_there_stops_the_start()
    {
        File.Delete(_files.KeyFile);
        Assert.Equal($"{_files.KeyFile}: no such file", await ReasonAsync());
    }

    [Fact]
    public async Task A_certificate_file_without_one_stops_the_start()
    {
        await File.WriteAllTextAsync(_files.CertificateFile, CertificateFolder.KeyOf(_files.Authority.For("x.example")));
        Assert.Equal($"{_files.CertificateFile}: has no certificate (PEM, \"BEGIN CERTIFICATE\")", await ReasonAsync());
    }

    [Fact]
    public async Task A_damaged_certificate_stops_the_start()
    {
        await File.WriteAllTextAsync(_files.CertificateFile, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Assert.StartsWith($"{_files.CertificateFile}: a certificate in it cannot be read: ", await ReasonAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_of_another_certificate_stops_the_start()
    {
        using var other = _files.Authority.For("other.example");
        await File.WriteAllTextAsync(_files.KeyFile, CertificateFolder.KeyOf(other));
        Assert.StartsWith(
            $"{_files.KeyFile}: is not the key of the first certificate in {_files.CertificateFile}: ", await ReasonAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_kind_stops_the_start()
    {
        using var rsa = RSA.Create(2048);
        await File.WriteAllTextAsync(_files.KeyFile, rsa.ExportPkcs8PrivateKeyPem());
        Assert.StartsWith($"{_files.KeyFile}: is not the key of the first certificate in ", await ReasonAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_key_stops_the_start()
    {
        using var key = ECDsa.Create();
        await File.WriteAllTextAsync(
            _files.KeyFile,
            key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Assert.Equal($"{_files.KeyFile}: is encrypted: a relay starts without anybody there to give a password", await ReasonAsync());
    }

    [Fact]
    public async Task Authorities_without_a_root_stop_the_start()
    {
        await File.WriteAllTextAsync(_files.AuthoritiesFile, _files.Authority.IntermediatePem);
        Assert.StartsWith($"{_files.AuthoritiesFile}: has no root: ", await ReasonAsync(withAuthorities: true), StringComparison.Ordinal);
    }

    private async Task<string> ReasonAsync(bool withAuthorities = false)
    {
        var section = withAuthorities ? _files.Section with { ClientAuthoritiesFile = _files.AuthoritiesFile } : _files.Section;
        var refused = await Assert.ThrowsAsync<CommandException>(
            () => TlsLoader.LoadAsync(new NodeSettings { Tls = section }, CancellationToken.None));
        return refused.Message;
    }
}

using Relay.Node.Settings;

namespace Relay.Node.Tests.Settings;

public sealed class TlsRulesTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Offered")]
    [InlineData("Required")]
    [InlineData("Implicit")]
    public async Task A_listener_that_encrypts_needs_a_certificate(string mode)
    {
        Assert.Equal(
            $"relay.json:1: Listeners:0:Tls: {mode} needs a certificate: set Tls:CertificateFile and Tls:KeyFile",
            await _folder.FailOnceAsync($$"""{ "Listeners": [ { "Tls": "{{mode}}" } ] }"""));

        _folder.Write($$"""{ "Listeners": [ { "Tls": "{{mode}}" } ], "Tls": { "CertificateFile": "a.pem", "KeyFile": "a.key" } }""");
        var settings = await _folder.LoadAsync();
        Assert.Equal(Enum.Parse<TlsMode>(mode), settings.Listeners[0].Tls);
        Assert.EndsWith("/a.pem", settings.Tls!.CertificateFile, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Tls": { "CertificateFile": "a.pem" } }""", "Tls: needs Tls:KeyFile")]
    [InlineData("""{ "Tls": { "KeyFile": "a.key" } }""", "Tls: needs Tls:CertificateFile")]
    public async Task A_certificate_and_its_key_go_together(string json, string what)
    {
        Assert.Equal($"relay.json:1: {what}", await _folder.FailOnceAsync(json));
    }

    [Theory]
    [InlineData("Offered")]
    [InlineData("Required")]
    public async Task Nobody_logs_in_in_plaintext(string mode)
    {
        _folder.Write($$"""{ "Listeners": [ { "Authentication": "{{mode}}" } ] }""");
        Assert.Contains(
            $"relay.json:1: Listeners:0:Authentication: {mode} needs Tls Offered, Required or Implicit: passwords do not travel in plaintext",
            await _folder.FailAsync());
    }
}

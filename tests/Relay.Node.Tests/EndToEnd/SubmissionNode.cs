using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.Settings;
using Relay.Node.Tests.Authentication;
using Relay.Node.Tests.Encryption;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A node where clients log in, the certificate that it needs, and the sink of its mail.</summary>
internal sealed class SubmissionNode : IAsyncDisposable
{
    /// <summary>STARTTLS and AUTH are offered.</summary>
    public const int Public = 0;

    /// <summary>STARTTLS and AUTH are required.</summary>
    public const int Submission = 1;

    /// <summary>TLS from the first octet, and AUTH is required.</summary>
    public const int Secure = 2;

    private SubmissionNode()
    {
    }

    public RunningNode Node { get; private set; } = null!;

    public ReceivedMail Mail { get; } = ReceivedMail.Start();

    public CertificateFolder Certificates { get; } = new();

    /// <summary>Starts it with a policy; <c>ROUTES</c> in it is the way to the sink.</summary>
    public static async Task<SubmissionNode> StartAsync(string? policy = null, Action<IServiceCollection>? replace = null)
    {
        var started = new SubmissionNode();
        File.WriteAllText(started.Certificates.AuthoritiesFile, started.Certificates.Authority.RootPem);
        var routes = $$"""[ { "domain": "*", "to": "smtp://{{started.Mail.Sink.BoundEndPoint}}" } ]""";
        started.Node = await RunningNode.StartAsync(
            (policy ?? """{ "acceptedDomains": ["relay.example"], "routes": ROUTES }""").Replace("ROUTES", routes, StringComparison.Ordinal),
            settings => settings with
            {
                Listeners =
                [
                    new() { Name = "public", Address = Any, Tls = TlsMode.Offered, Authentication = AuthenticationMode.Offered },
                    new() { Name = "submission", Address = Any, Tls = TlsMode.Required, Authentication = AuthenticationMode.Required },
                    new() { Name = "secure", Address = Any, Tls = TlsMode.Implicit, Authentication = AuthenticationMode.Required },
                ],
                Tls = started.Certificates.Section with { ClientAuthoritiesFile = started.Certificates.AuthoritiesFile },
            },
            replace: replace);
        await started.AddAsync("alice", "secret");
        return started;
    }

    private static IPEndPoint Any => new(IPAddress.Loopback, 0);

    public int Port(int listener) => Node.Listeners[listener].Port;

    /// <summary>Adds a user through the API, or changes one.</summary>
    public async Task AddAsync(string name, string password)
    {
        using var body = JsonContent.Create(TestUsers.BodyOf(password));
        (await Node.Api.PutAsync(new Uri($"/api/users/{name}", UriKind.Relative), body)).EnsureSuccessStatusCode();
    }

    /// <summary>Removes a user through the API.</summary>
    public async Task RemoveAsync(string name) =>
        (await Node.Api.DeleteAsync(new Uri($"/api/users/{name}", UriKind.Relative))).EnsureSuccessStatusCode();

    /// <summary>A client under TLS that has said EHLO.</summary>
    public async Task<SmtpTestClient> EncryptedAsync(int listener, SslClientAuthenticationOptions? options = null)
    {
        var client = await SmtpTestClient.ConnectAsync(Node.Listeners[listener]);
        if (listener != Secure)
        {
            (await client.ReadReplyAsync()).MustBe(220);
            (await client.CommandAsync("EHLO client.example")).MustBe(250);
            (await client.CommandAsync("STARTTLS")).MustBe(220);
        }

        await client.StartTlsAsync(options);
        if (listener == Secure)
        {
            (await client.ReadReplyAsync()).MustBe(220);
        }

        (await client.CommandAsync("EHLO client.example")).MustBe(250);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Mail.DisposeAsync();
        Certificates.Dispose();
    }
}

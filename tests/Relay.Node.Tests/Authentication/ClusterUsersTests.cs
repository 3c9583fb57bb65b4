using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using Relay.Node.Authentication;
using Relay.Node.Settings;
using Relay.Node.Tests.Encryption;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Policies;

namespace Relay.Node.Tests.Authentication;

/// <summary>The users of three nodes, changed through any of them.</summary>
public sealed class ClusterUsersTests : IDisposable
{
    private const string Policy = """{ "acceptedDomains": ["relay.example"] }""";

    private readonly CertificateFolder _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_change_through_any_node_counts_on_all_of_them_and_no_user_is_lost()
    {
        await using var trio = await NodeTrio.StartAsync(Policy, settings =>
        {
            if (settings.Node.Name == "b")
            {
                var users = UserDocument.Empty().With("bob", TestUsers.VerifierOf("secret")).With("carol", TestUsers.VerifierOf("secret"));
                Directory.CreateDirectory(settings.Node.DataDirectory);
                File.WriteAllBytes(Path.Combine(settings.Node.DataDirectory, UserStore.FileName), users.ToJson().ToArray());
            }

            return WithLogins(settings);
        });

        // One of them has a file from before: what it has is never dropped without a word, and comes to all with the first change that is made there.
        var (status, answer) = await PutAsync(trio[0], "alice", "secret");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains(
            "Node b: its users.json has users that these lack, or have with other passwords (bob, carol)",
            answer.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        Assert.True(await LogsInAsync(trio[1], "bob", "secret"));
        await RemoveAsync(trio[1], "carol");
        Assert.All(trio.All, static node => Assert.Equal(["bob"], UsersOf(node).Current.Users.Keys));

        (status, answer) = await PutAsync(trio[0], "alice", "secret");
        Assert.Equal((HttpStatusCode.OK, "added"), (status, answer.GetProperty("change").GetString()));
        Assert.Equal(["a", "b", "c"], InForce(answer));
        foreach (var node in trio.All)
        {
            Assert.True(await LogsInAsync(node, "alice", "secret"));
            Assert.True(await LogsInAsync(node, "bob", "secret"));
            Assert.False(await LogsInAsync(node, "alice", "wrong"));
        }

        // Of changes at the same time all are kept.
        var added = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => PutAsync(trio[i % 3], Name(i), "secret")));
        Assert.All(added, static one => Assert.Equal((HttpStatusCode.OK, "added"), (one.Status, one.Answer.GetProperty("change").GetString())));
        Assert.All(trio.All, node => Assert.Equal(["alice", "bob", .. Enumerable.Range(0, 9).Select(Name)], UsersOf(node).Current.Users.Keys));

        // A name that nobody has looks the same on all of them.
        Assert.Single(trio.All.Select(static node => Convert.ToHexString(UsersOf(node).VerifierFor("nobody", out _).Salt.Span)).Distinct());

        await RemoveAsync(trio[2], "alice");
        foreach (var node in trio.All)
        {
            Assert.False(await LogsInAsync(node, "alice", "secret"));
            // What passwords were checked by before is on no disk.
            Assert.Single(Directory.GetFiles(Path.Combine(node.DataDirectory, ClusterUsers.FolderName), "*.version"));
        }

        // One that joins with an empty disk listens, so it has them.
        await trio.StopAsync(2);
        (_, answer) = await PutAsync(trio[0], "late", "secret");
        Assert.Contains("a", InForce(answer));
        var joined = await trio.StartAsync(2);
        Assert.True(await LogsInAsync(joined, "late", "secret"));
        Assert.DoesNotContain("stale users", await joined.Api.GetStringAsync("/health/ready"), StringComparison.Ordinal);
    }

    private NodeSettings WithLogins(NodeSettings settings) => settings with
    {
        Listeners = [settings.Listeners[0] with { Tls = TlsMode.Offered, Authentication = AuthenticationMode.Offered }],
        Tls = _certificates.Section,
    };

    private static UserStore UsersOf(RunningNode node) => node.Services.GetRequiredService<UserStore>();

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}");

    private static string[] InForce(JsonElement answer) => [.. answer.GetProperty("nodes").EnumerateArray()
        .Where(static node => node.GetProperty("inForce").GetBoolean()).Select(static node => node.GetProperty("name").GetString()!)];

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> PutAsync(RunningNode node, string name, string password)
    {
        using var response = await node.Api.PutAsJsonAsync($"/api/users/{name}", TestUsers.BodyOf(password));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, json.RootElement.Clone());
    }

    private static async Task RemoveAsync(RunningNode node, string name)
    {
        using var removed = await node.Api.DeleteAsync(new Uri($"/api/users/{name}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
    }

    private static async Task<bool> LogsInAsync(RunningNode node, string name, string password)
    {
        using var client = new SmtpClient { ServerCertificateValidationCallback = static (_, remote, _, _) => remote is not null };
        await client.ConnectAsync("127.0.0.1", node.Smtp.Port, SecureSocketOptions.StartTls);
        try
        {
            await client.AuthenticateAsync(new SaslMechanismScramSha256(name, password));
            return true;
        }
        catch (AuthenticationException)
        {
            return false;
        }
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Actors.Cluster;
using Relay.Actors.Policy.Store;
using Relay.Node.Admin;
using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Node.Tests.Authentication;

namespace Relay.Node.Tests.Admin;

public sealed class UserApiTests : IAsyncLifetime, IDisposable
{
    private TestUsers _users = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private UserChanges _changes = null!;

    public async Task InitializeAsync()
    {
        _users = await TestUsers.CreateAsync(("bob", "secret"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        AdminApi.Configure(builder.Services);
        _app = builder.Build();
        var settings = new NodeSettings { Node = new NodeSection { Name = "one", DataDirectory = _users.Folder } };
        var folder = DocumentFolder.Open(Path.Combine(_users.Folder, ClusterUsers.FolderName), ClusterUsers.VersionsMax);
        var log = new UserLog(NullLogger<UserLog>.Instance);
        _changes = new UserChanges(settings, new ExpectedNodes([]), _users.Store, new ClusterUsers(settings, _users.Store, folder, log), folder, new StoreTimes(), TimeProvider.System);
        new UserApi(_users.Store, _changes, log).Map(_app);
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public Task DisposeAsync() => _app.DisposeAsync().AsTask();

    public void Dispose()
    {
        _http.Dispose();
        _changes.Dispose();
        _users.Dispose();
    }

    [Fact]
    public async Task A_user_is_added_changed_listed_and_removed()
    {
        Assert.Equal(
            """{"name":"alice@relay.example","change":"added","nodes":[{"name":"one","inForce":true,"milliseconds":0}]}""",
            await (await PutAsync("Alice%40Relay.Example", "one")).Content.ReadAsStringAsync());
        Assert.Equal("changed", (await ReadAsync<UserChange>(await PutAsync("alice%40relay.example", "two"))).Change);
        Assert.True(_users.Store.VerifierFor("alice@relay.example", out _).IsOf("two"u8));

        var text = await _http.GetStringAsync(new Uri("/api/users", UriKind.Relative));
        Assert.Equal(
            """{"users":[{"name":"alice@relay.example","mechanisms":["PLAIN","LOGIN","SCRAM-SHA-256"],"iterations":4096},{"name":"bob","mechanisms":["PLAIN","LOGIN","SCRAM-SHA-256"],"iterations":4096}]}""",
            text);

        Assert.Equal("removed", (await ReadAsync<UserChange>(await _http.DeleteAsync(new Uri("/api/users/BOB", UriKind.Relative)))).Change);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.DeleteAsync(new Uri("/api/users/bob", UriKind.Relative))).StatusCode);
        await _users.ReopenAsync();
        Assert.Equal(["alice@relay.example"], _users.Store.Current.Users.Keys);
    }

    [Theory]
    [InlineData("alice", "{}", "salt: is missing")]
    [InlineData("alice", """{"password":"x"}""", "unknown key")]
    [InlineData("alice", """{"salt":"AAAA","iterations":4096,"storedKey":"AAAA","serverKey":"AAAA"}""", "salt: is not 16 octets")]
    [InlineData("alice", """{"salt":"AAAA","iterations":1,"storedKey":"AAAA","serverKey":"AAAA"}""", "iterations: 1 is not 4096")]
    [InlineData("alice", """{"salt":null,"iterations":4096,"storedKey":"AAAA","serverKey":"AAAA"}""", "salt: is not 16 octets")]
    [InlineData("alice", "[]", "no JSON object")]
    [InlineData("al%20ice", "{}", "letters, digits")]
    [InlineData("al%2Fice", "{}", "letters, digits")]
    [InlineData("%C3%A4lice", "{}", "letters, digits")]
    public async Task What_is_no_user_is_refused_and_says_why(string name, string body, string why)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PutAsync(new Uri($"/api/users/{name}", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["bob"], _users.Store.Current.Users.Keys);
    }

    [Fact]
    public async Task A_disk_that_does_not_take_it_is_our_trouble()
    {
        Directory.CreateDirectory(_users.File + ".new");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PutAsync("alice", "one")).StatusCode);
        Assert.False(_users.Store.Contains("alice"));
    }

    private async Task<HttpResponseMessage> PutAsync(string name, string password)
    {
        using var content = JsonContent.Create(TestUsers.BodyOf(password));
        return await _http.PutAsync(new Uri($"/api/users/{name}", UriKind.Relative), content);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Relay.Node.CommandLine;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Policies;

/// <summary>The policy of a cluster of one, changed over HTTP.</summary>
public sealed class PolicyChangeTests
{
    private const string First = """
        {
          // ours
          "acceptedDomains": ["relay.example"],
        }
        """;

    private const string Second = """{ "acceptedDomains": ["other.example"] }""";

    [Fact]
    public async Task A_change_is_in_force_at_the_next_mail_and_outlives_a_restart()
    {
        await using var node = await RunningNode.StartAsync(First);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        Assert.Equal(250, await RcptAsync(client, "you@relay.example"));

        var (status, answer) = await PutAsync(node, "\"1\"", Second);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, answer.GetProperty("version").GetInt64());
        var one = Assert.Single(answer.GetProperty("nodes").EnumerateArray());
        Assert.Equal(("test", true), (one.GetProperty("name").GetString(), one.GetProperty("inForce").GetBoolean()));
        Assert.InRange(one.GetProperty("milliseconds").GetInt32(), 0, 5000);

        // The mail that is on keeps its policy; the next one has the new one.
        Assert.Equal(250, (await client.CommandAsync("RCPT TO:<also@relay.example>")).Code);
        Assert.Equal(550, await RcptAsync(client, "you@relay.example"));
        Assert.Equal(250, await RcptAsync(client, "you@other.example"));
        await client.CommandAsync("QUIT");

        await node.RestartAsync();

        var shown = await node.Api.GetAsync("/api/policy");
        Assert.Equal("\"2\"", shown.Headers.ETag!.Tag);
        Assert.Equal("other.example", (await JsonOf(shown)).GetProperty("acceptedDomains")[0].GetString());
        await using var again = await SmtpTestClient.GreetAsync(node.Smtp);
        Assert.Equal(550, await RcptAsync(again, "you@relay.example"));
        Assert.Contains("relay_policy_version{} 2", await node.Api.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_is_shown_as_json_without_comments()
    {
        await using var node = await RunningNode.StartAsync(First);

        var shown = await node.Api.GetAsync("/api/policy");

        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Equal("application/json", shown.Content.Headers.ContentType!.MediaType);
        Assert.Equal("\"1\"", shown.Headers.ETag!.Tag);
        Assert.Equal("relay.example", (await JsonOf(shown)).GetProperty("acceptedDomains")[0].GetString());
    }

    [Fact]
    public async Task A_change_of_another_version_is_refused_with_the_version_in_force()
    {
        await using var node = await RunningNode.StartAsync(First);
        await PutAsync(node, "\"1\"", Second);

        var (status, answer) = await PutAsync(node, "\"1\"", First);

        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
        Assert.Equal(2, answer.GetProperty("version").GetInt64());
        Assert.Equal("\"2\"", (await node.Api.GetAsync("/api/policy")).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_change_that_names_no_version_is_refused()
    {
        await using var node = await RunningNode.StartAsync(First);

        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PutAsync(node, null, Second)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(node, "7", Second)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(node, "\"seven\"", Second)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(node, "\"01\"", Second)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(node, "W/\"1\"", Second)).Status);
    }

    [Fact]
    public async Task A_bad_document_changes_nothing_and_says_where()
    {
        await using var node = await RunningNode.StartAsync(First);

        var (status, answer) = await PutAsync(node, "\"1\"", "{\n  \"acceptedDomain\": [\"x.example\"] }");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var error = Assert.Single(answer.GetProperty("errors").EnumerateArray());
        Assert.Equal(("acceptedDomain", 2), (error.GetProperty("key").GetString(), error.GetProperty("line").GetInt32()));
        Assert.Contains("acceptedDomains", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("\"1\"", (await node.Api.GetAsync("/api/policy")).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_list_of_recipients_that_a_node_lacks_is_an_error_of_the_document()
    {
        await using var node = await RunningNode.StartAsync(First);
        const string listed = """{ "acceptedDomains": ["relay.example"], "recipients": { "relay.example": "file:users.txt" } }""";

        var (status, answer) = await PutAsync(node, "\"1\"", listed);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal("recipients[\"relay.example\"]", answer.GetProperty("errors")[0].GetProperty("key").GetString());

        await File.WriteAllTextAsync(Path.Combine(node.Folder, "users.txt"), "you@relay.example\n");
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(node, "\"1\"", listed)).Status);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        Assert.Equal(250, await RcptAsync(client, "you@relay.example"));
        Assert.Equal(550, (await client.CommandAsync("RCPT TO:<other@relay.example>")).Code);
    }

    [Fact]
    public async Task The_size_that_a_mail_declares_is_judged_by_the_policy_in_force()
    {
        await using var node = await RunningNode.StartAsync("""{ "acceptedDomains": ["relay.example"], "message": { "size": "64 KiB" } }""");
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        Assert.Equal(552, (await client.CommandAsync("MAIL FROM:<me@client.example> SIZE=100000")).Code);

        await PutAsync(node, "\"1\"", """{ "acceptedDomains": ["relay.example"], "message": { "size": "128 KiB" } }""");

        Assert.Equal(250, (await client.CommandAsync("MAIL FROM:<me@client.example> SIZE=100000")).Code);
    }

    [Fact]
    public async Task Nobody_without_the_token_reads_or_changes_it()
    {
        await using var node = await RunningNode.StartAsync(First);
        node.Api.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(HttpStatusCode.Unauthorized, (await node.Api.GetAsync("/api/policy")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PutAsync(node, "\"1\"", Second)).Status);
    }

    [Fact]
    public async Task The_history_has_what_was_written_and_why()
    {
        await using var node = await RunningNode.StartAsync(First);
        await PutAsync(node, "\"1\"", Second);
        await PutAsync(node, "\"2\"", First, "?note=back%20again");

        var history = await node.Api.GetFromJsonAsync<JsonElement>("/api/policy/history");

        Assert.Equal(3, history.GetProperty("version").GetInt64());
        var versions = history.GetProperty("versions").EnumerateArray().ToArray();
        Assert.Equal([3, 2, 1], versions.Select(version => version.GetProperty("version").GetInt64()));
        Assert.Equal("back again", versions[0].GetProperty("note").GetString());
        Assert.Equal(First, await node.Api.GetStringAsync("/api/policy/history/3"));
        Assert.Equal("PolicyFile", versions[2].GetProperty("by").GetString());
        Assert.Equal(First, await node.Api.GetStringAsync("/api/policy/history/1"));
        Assert.Equal(HttpStatusCode.NotFound, (await node.Api.GetAsync("/api/policy/history/4")).StatusCode);

        await node.RestartAsync();
        Assert.Equal("\"3\"", (await node.Api.GetAsync("/api/policy")).Headers.ETag!.Tag);
        Assert.Equal(First, await node.Api.GetStringAsync("/api/policy/history/1"));
    }

    [Fact]
    public async Task A_damaged_policy_is_said_and_not_used()
    {
        await using var node = await RunningNode.StartAsync(First);
        await PutAsync(node, "\"1\"", Second);
        await node.StopAsync();
        var file = Path.Combine(node.DataDirectory, "policy", "00000002.version");
        var octets = await File.ReadAllBytesAsync(file);
        octets[^5] ^= 1;
        await File.WriteAllBytesAsync(file, octets);

        var refused = await Assert.ThrowsAsync<CommandException>(node.RestartAsync);

        Assert.Contains($"{file}: is damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_has_lost_whom_it_obeys_changes_the_policy_again()
    {
        await using var node = await RunningNode.StartAsync(First);
        await PutAsync(node, "\"1\"", Second);
        await node.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(node.DataDirectory, "policy", "promise"), "junk");

        await node.RestartAsync();

        var (status, answer) = await PutAsync(node, "\"2\"", First);
        Assert.Equal((HttpStatusCode.OK, 3), (status, answer.GetProperty("version").GetInt64()));
    }

    private static async Task<int> RcptAsync(SmtpTestClient client, string recipient)
    {
        await client.CommandAsync("RSET");
        await client.CommandAsync("MAIL FROM:<me@client.example>");
        return (await client.CommandAsync($"RCPT TO:<{recipient}>")).Code;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> PutAsync(RunningNode node, string? tag, string policy, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/policy" + query) { Content = new StringContent(policy, Encoding.UTF8, "application/json") };
        if (tag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        }

        using var response = await node.Api.SendAsync(request);
        return (response.StatusCode, await JsonOf(response));
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }
}

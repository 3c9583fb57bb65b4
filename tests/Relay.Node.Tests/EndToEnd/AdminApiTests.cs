using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Relay.Node.Tests.EndToEnd;

public sealed class AdminApiTests : IAsyncLifetime
{
    private const string Question = "/api/policy/explain?from=s@x.example&to=u@relay.example";

    private RunningNode _node = null!;

    public async Task InitializeAsync() => _node = await RunningNode.StartAsync("""{ "acceptedDomains": ["relay.example"] }""");

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task The_scheme_of_the_token_is_taken_in_any_case(string scheme)
    {
        var token = _node.Api.DefaultRequestHeaders.Authorization!.Parameter;
        _node.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, token);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/api/queue")).StatusCode);

        _node.Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, token!.ToUpperInvariant());
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("/api/queue")).StatusCode);
    }

    [Theory]
    [InlineData("POST", "/api/queue", "GET HEAD")]
    [InlineData("DELETE", "/api/queue/x", "GET HEAD POST")]
    [InlineData("PUT", "/api/policy/explain", "GET HEAD")]
    public async Task A_wrong_method_is_told_only_to_who_has_the_token(string method, string path, string allowed)
    {
        using var refused = await SendAsync(path, method);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(allowed.Split(' '), refused.Content.Headers.Allow.Order());
        await ProblemAsync(refused);

        _node.Api.DefaultRequestHeaders.Authorization = null;
        using var stranger = await SendAsync(path, method);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Empty(stranger.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/api/queue")]
    [InlineData(Question + "&client=192.0.2.7&listener=default")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task Resources_have_HEAD(string path)
    {
        using var answer = await SendAsync(path, "HEAD");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/api/queue?limit=abc", "limit", "\"abc\"")]
    [InlineData("/api/queue?limit=-1", "limit", "\"-1\"")]
    [InlineData("/api/queue?limit=0", "limit", "from 1 to 10000")]
    [InlineData("/api/queue?limit=1&limit=2", "twice", "limit")]
    [InlineData("/api/queue?sendr=a@b.example", "unknown key", "\"sendr\": did you mean sender?")]
    [InlineData("/api/queue?zzz=1", "unknown key", "the keys are sender, user, recipient, domain, destination, state, olderThan, limit")]
    [InlineData("/api/queue?limit=", "limit", "\"\"")]
    [InlineData("/api/queue?sender=x", "sender", "\"x\"")]
    [InlineData("/api/queue?recipient=u@", "recipient", "\"u@\"")]
    [InlineData("/api/queue?domain=x..y", "domain", "\"x..y\"")]
    [InlineData("/api/queue?state=defered", "state", "did you mean deferred?")]
    [InlineData("/api/queue?olderThan=2", "olderThan", "\"2\"")]
    [InlineData("/api/destinations?limit=2", "unknown key", "the keys are node")]
    [InlineData(Question + "&client=192.0.2.7&listener=default&usr=x", "unknown key", "\"usr\": did you mean user?")]
    [InlineData(Question + "&client=1&listener=default", "client", "\"1\"")]
    [InlineData(Question + "&client=0x7f.1&listener=default", "client", "\"0x7f.1\"")]
    [InlineData(Question + "&client=010.0.0.1&listener=default", "client", "\"010.0.0.1\"")]
    [InlineData(Question + "&listener=default", "client", "Nothing")]
    [InlineData(Question + "&client=192.0.2.7&listener=public", "listener", "\"public\" is none of default")]
    [InlineData(Question + "&client=192.0.2.7&listener=default&user=al%20ice", "user is", "\"al ice\"")]
    [InlineData(Question + "&client=192.0.2.7&listener=default&user=alice", "user cannot have logged in there", "Nobody logs in at listener default")]
    [InlineData("/api/policy/explain?client=192.0.2.7&listener=default&from=s@x.example", "to is", "Nothing")]
    public async Task A_query_that_cannot_be_is_explained(string path, string title, string detail)
    {
        using var refused = await SendAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = await ProblemAsync(refused);
        Assert.Contains(title, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/queue?limit=5&domain=relay.example")]
    [InlineData(Question + "&client=2001:db8::7&listener=default")]
    [InlineData(Question + "&client=192.0.2.7")]
    [InlineData("/api/policy/explain?client=192.0.2.7&listener=default&from=<>&to=u@relay.example")]
    public async Task A_good_query_is_answered(string path)
    {
        using var answer = await SendAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_unknown_resource_is_a_problem_document()
    {
        using var refused = await SendAsync("/api/nothing.txt");

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await ProblemAsync(refused);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage refused)
    {
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(await refused.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string method = "GET")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await _node.Api.SendAsync(request);
    }
}

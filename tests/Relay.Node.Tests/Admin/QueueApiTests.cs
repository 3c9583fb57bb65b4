using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Node.Tests.Admin;

public sealed class QueueApiTests : IAsyncLifetime
{
    private static readonly MessageId Id = new(7, 8);
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly QueueMessages.QueuedRecipientView Recipient = new(
        "u+tag@x.example",
        "active",
        null,
        RecipientProgress.Fresh with { Last = new(OutcomeKind.Deferred, ClientStage.Rcpt, new SmtpReply(450, new(4, 2, 1), "no\u001b[2J <room> f\u00fcr you\u202e")) },
        null)
    {
        Then = QueueAction.Delete,
    };

    private ApiHost _api = null!;

    public async Task InitializeAsync() => _api = await ApiHost.StartAsync(new FixedTime(), static message => message switch
    {
        QueueMessages.ListMessages => new QueueMessages.QueueListed(
            [new(Id, "a@b.example", 10, Noon, Noon.AddDays(5), "held", "looked at", [Recipient])], 1),
        QueueMessages.ChangeMessages => new QueueMessages.MessagesChanged(3, 2, 1),
        QueueMessages.Summarize => new QueueMessages.Summarized(
            2, 20, ImmutableSortedDictionary<string, int>.Empty.Add("held", 2), [new("mx.example", 2, 20, Noon)], [], [new("", 2, 20, Noon)]),
        DestinationMessages.ListDestinations => new DestinationMessages.DestinationsListed(
            [new("smtp://h:25", "paused", 1, 0, 0, 1.5, Noon, "it moves", ["x.example"])]),
        DestinationMessages.PauseDestination { Name: "unknown" } => new DestinationMessages.DestinationChanged([]),
        _ => new DestinationMessages.DestinationChanged(["smtp://h:25"]),
    });

    public Task DisposeAsync() => _api.DisposeAsync().AsTask();

    [Fact]
    public async Task A_list_has_the_conditions_of_its_query_and_says_expiry_and_hold()
    {
        var listed = await GetAsync(
            "/api/queue?sender=%3C%3E&user=Alice&recipient=%3Cu@x.example%3E&domain=x.example&destination=smtp://h:25&state=held&olderThan=2h&limit=5");

        var asked = Assert.IsType<QueueMessages.ListMessages>(Assert.Single(_api.Asked));
        Assert.Equal(5, asked.Limit);
        Assert.Equal(
            new QueueSelection
            {
                Sender = "",
                User = "alice",
                Recipient = "u@x.example",
                Domain = "x.example",
                Destination = "smtp://h:25",
                State = "held",
                OlderThan = TimeSpan.FromHours(2),
            },
            asked.Selection);
        var message = listed.GetProperty("messages")[0];
        Assert.Equal("2026-11-29T12:00:00+00:00", message.GetProperty("expires").GetString());
        Assert.Equal("looked at", message.GetProperty("holdReason").GetString());
        Assert.Equal(1, listed.GetProperty("total").GetInt32());
        Assert.Equal("delete", message.GetProperty("recipients")[0].GetProperty("then").GetString());
    }

    [Fact]
    public async Task An_answer_escapes_what_a_terminal_acts_on_and_nothing_that_can_be_read()
    {
        using var answer = await _api.Http.GetAsync("/api/queue");

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"arrived\":\"2026-11-24T12:00:00+00:00\"", text, StringComparison.Ordinal);
        Assert.Contains("\"u+tag@x.example\"", text, StringComparison.Ordinal);
        Assert.Contains(@"""450 4.2.1 no\u001B[2J <room> f\u00FCr you\u202E""", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/queue/hodl", "\"hodl\": did you mean hold?")]
    [InlineData("/api/queue/remove", "\"remove\": the actions are hold, release, retry, delete, bounce.")]
    [InlineData("/api/queue/summary", "\"summary\": the actions are hold, release, retry, delete, bounce.")]
    [InlineData("/api/destinations/pasue", "\"pasue\": did you mean pause?")]
    [InlineData("/api/destinations/stop", "\"stop\": the actions are pause, resume.")]
    public async Task An_action_that_there_is_not_is_explained(string path, string detail)
    {
        using var refused = await PostAsync(path, """{ "everything": true, "reason": "x" }""");

        await AssertProblemAsync(refused, HttpStatusCode.NotFound, "There is no such action", detail);
        Assert.Empty(_api.Asked);
    }

    [Theory]
    [InlineData("/api/queue?limit=0", "\"0\" is not a number from 1 to 10000")]
    [InlineData("/api/queue?limit=10001", "\"10001\" is not a number from 1 to 10000")]
    [InlineData("/api/queue/summary?limit=0", "\"0\" is not a number from 1 to 1000")]
    [InlineData("/api/queue/summary?limit=1001", "\"1001\" is not a number from 1 to 1000")]
    public async Task A_limit_out_of_bounds_is_explained_as_the_command_does(string path, string detail)
    {
        using var refused = await _api.Http.GetAsync(path);

        await AssertProblemAsync(refused, HttpStatusCode.BadRequest, "limit is not one", detail);
        Assert.Empty(_api.Asked);
    }

    [Theory]
    [InlineData("hold", QueueAction.Hold)]
    [InlineData("release", QueueAction.Release)]
    [InlineData("retry", QueueAction.Retry)]
    [InlineData("delete", QueueAction.Delete)]
    [InlineData("bounce", QueueAction.Bounce)]
    public async Task A_change_is_passed_on_and_answered(string name, QueueAction action)
    {
        using var answer = await PostAsync($"/api/queue/{name}", $$"""{ "ids": ["{{Id}}"], "domain": "x.example", "sender": null, "reason": " look " }""");

        Assert.Equal("""{"matched":3,"changed":2,"inFlight":1}""", await answer.Content.ReadAsStringAsync());
        var asked = Assert.IsType<QueueMessages.ChangeMessages>(Assert.Single(_api.Asked));
        Assert.Equal((action, "look", false), (asked.Action, asked.Reason, asked.CountOnly));
        Assert.Equal(Id, Assert.Single(asked.Selection.Ids));
        Assert.Equal("x.example", asked.Selection.Domain);
    }

    [Fact]
    public async Task Everything_must_be_said_and_a_dry_run_needs_no_reason()
    {
        using var answer = await PostAsync("/api/queue/delete", """{ "everything": true, "dryRun": true }""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var asked = Assert.IsType<QueueMessages.ChangeMessages>(Assert.Single(_api.Asked));
        Assert.True(asked.CountOnly);
        Assert.True(asked.Selection.IsEverything);
    }

    [Theory]
    [InlineData("{}", "Nothing narrows the selection", "\"everything\": true")]
    [InlineData("""{ "everything": false }""", "Nothing narrows the selection", "")]
    [InlineData("""{ "everything": true, "domain": "x.example", "reason": "x" }""", "everything is not everything", "")]
    [InlineData("""{ "ids": [], "reason": "x" }""", "ids is not a list of ids", "0 of them")]
    [InlineData("""{ "ids": ["x"], "reason": "x" }""", "ids is not a list of ids", "\"x\"")]
    [InlineData("""{ "ids": "x", "reason": "x" }""", "ids is not a list of texts", "")]
    [InlineData("""{ "domian": "x.example" }""", "unknown key", "\"domian\": did you mean domain?")]
    [InlineData("""{ "Domain": "x.example" }""", "unknown key", "did you mean domain?")]
    [InlineData("""{ "domain": "x.example", "domain": "y.example" }""", "no JSON object", "")]
    [InlineData("""{ "domain": "x y", "reason": "x" }""", "domain is not a domain", "\"x y\"")]
    [InlineData("""{ "domain": 1, "reason": "x" }""", "domain is not a text", "")]
    [InlineData("""{ "sender": "x", "reason": "x" }""", "sender is not an address", "\"x\"")]
    [InlineData("""{ "recipient": "<>", "reason": "x" }""", "recipient is not an address", "")]
    [InlineData("""{ "state": "hold", "reason": "x" }""", "state is not one", "did you mean held?")]
    [InlineData("""{ "olderThan": "1", "reason": "x" }""", "olderThan is not a time", "")]
    [InlineData("""{ "destination": "", "reason": "x" }""", "destination is not a name", "")]
    [InlineData("""{ "everything": "yes" }""", "everything is neither true nor false", "")]
    [InlineData("""{ "domain": "x.example" }""", "There is no reason", "")]
    [InlineData("""{ "domain": "x.example", "reason": "  " }""", "There is no reason", "")]
    [InlineData("""{ "domain": "x.example", "reason": "a\nb" }""", "The reason is not one", "")]
    [InlineData("[]", "no JSON object", "")]
    [InlineData("", "no JSON object", "")]
    [InlineData("{", "no JSON object", "")]
    public async Task A_body_that_cannot_be_is_explained_and_reaches_no_queue(string body, string title, string detail)
    {
        using var refused = await PostAsync("/api/queue/hold", body);

        await AssertProblemAsync(refused, HttpStatusCode.BadRequest, title, detail);
        Assert.Empty(_api.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused(bool isChunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/queue/hold")
        {
            Content = new StringContent($$"""{ "reason": "{{new string('x', 2 << 20)}}" }"""),
        };
        request.Headers.TransferEncodingChunked = isChunked;
        using var refused = await _api.Http.SendAsync(request);

        await AssertProblemAsync(refused, HttpStatusCode.RequestEntityTooLarge, "The body is too large", "1048576 octets");
        Assert.Empty(_api.Asked);
    }

    [Fact]
    public async Task A_summary_is_answered()
    {
        var summary = await GetAsync("/api/queue/summary?limit=3");

        Assert.Equal(3, Assert.IsType<QueueMessages.Summarize>(Assert.Single(_api.Asked)).Limit);
        Assert.Equal(
            """{"messages":2,"bytes":20,"states":{"held":2},"destinations":[{"name":"mx.example","messages":2,"bytes":20,"oldest":"2026-11-24T12:00:00+00:00"}],"domains":[],"senders":[{"name":"","messages":2,"bytes":20,"oldest":"2026-11-24T12:00:00+00:00"}]}""",
            summary.GetRawText());
    }

    [Fact]
    public async Task Destinations_are_listed_paused_and_resumed()
    {
        var listed = await GetAsync("/api/destinations");
        Assert.Equal(
            """{"name":"smtp://h:25","state":"paused","messages":1,"inFlight":0,"connections":0,"window":1.5,"until":"2026-11-24T12:00:00+00:00","reason":"it moves","domains":["x.example"]}""",
            listed.GetProperty("destinations")[0].GetRawText());

        using var paused = await PostAsync("/api/destinations/pause", """{ "name": "smtp://h:25", "duration": "2h", "reason": "it moves" }""");
        Assert.Equal("""{"names":["smtp://h:25"],"until":"2026-11-24T14:00:00+00:00"}""", await paused.Content.ReadAsStringAsync());
        using var resumed = await PostAsync("/api/destinations/resume", """{ "name": "smtp://h:25" }""");
        Assert.Equal("""{"names":["smtp://h:25"],"until":null}""", await resumed.Content.ReadAsStringAsync());
        Assert.Equal(
            [
                new DestinationMessages.ListDestinations(),
                new DestinationMessages.PauseDestination("smtp://h:25", Noon.AddHours(2), "it moves"),
                new DestinationMessages.ResumeDestination("smtp://h:25"),
            ],
            _api.Asked);
    }

    [Theory]
    [InlineData("""{ "name": "x", "reason": "x" }""", HttpStatusCode.BadRequest, "There is no duration")]
    [InlineData("""{ "name": "x", "duration": "1h" }""", HttpStatusCode.BadRequest, "There is no reason")]
    [InlineData("""{ "duration": "1h", "reason": "x" }""", HttpStatusCode.BadRequest, "There is no name")]
    [InlineData("""{ "name": "x", "duration": "31d", "reason": "x" }""", HttpStatusCode.BadRequest, "duration is too long")]
    [InlineData("""{ "name": "x", "duraton": "1h", "reason": "x" }""", HttpStatusCode.BadRequest, "unknown key")]
    [InlineData("""{ "name": "unknown", "duration": "1h", "reason": "x" }""", HttpStatusCode.NotFound, "There is no such destination")]
    public async Task A_pause_that_cannot_be_is_explained(string body, HttpStatusCode status, string title)
    {
        using var refused = await PostAsync("/api/destinations/pause", body);

        await AssertProblemAsync(refused, status, title, "");
    }

    private async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await _api.Http.GetStringAsync(path));

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _api.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task AssertProblemAsync(HttpResponseMessage refused, HttpStatusCode status, string title, string detail)
    {
        Assert.Equal(status, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Contains(title, problem.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains(detail, problem.TryGetProperty("detail", out var told) ? told.GetString() : "", StringComparison.Ordinal);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Noon;
    }
}

namespace Relay.Node.Tests.CommandLine;

public sealed class QueueActionTests : IAsyncLifetime, IDisposable
{
    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
        _node.Body = """{ "matched": 3, "changed": 2, "inFlight": 1, "extra": "kept" }""";
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("hold", "--reason", "look")]
    [InlineData("release")]
    [InlineData("retry")]
    [InlineData("delete", "--reason", "look")]
    [InlineData("bounce", "--reason", "look")]
    public async Task Messages_named_by_id_are_changed_at_once(string action, params string[] reason)
    {
        Assert.Equal(0, await AskAsync([action, "0a1b", "0a1c", "0a1b", .. reason]));

        Assert.Equal([$"/api/queue/{action}"], _node.Requests);
        var told = reason.Length == 0 ? "" : ",\"reason\":\"look\"";
        Assert.Equal([$$"""{"ids":["0a1b","0a1c"]{{told}}}"""], _node.Posted);
        Assert.Equal([$"{action}: 3 messages match, 2 changed, 1 of them when an attempt that is on has ended", "1/1 nodes"], _run.OutputLines);
        Assert.Empty(_run.Error);
    }

    [Fact]
    public async Task Ids_that_the_queue_has_not_are_a_failure()
    {
        _node.Body = """{ "matched": 1, "changed": 1, "inFlight": 0 }""";

        Assert.Equal(1, await AskAsync("retry", "0a1b", "0a1c"));

        Assert.Equal(["retry: 1 messages match, 1 changed", "1/1 nodes"], _run.OutputLines);
        Assert.Equal(["relay: only 1 of 2 ids are in the queue and match"], _run.ErrorLines);
    }

    [Fact]
    public async Task Every_condition_is_passed_on_and_counted_first()
    {
        Assert.Equal(0, await AskAsync(
            "hold", "--sender", "<>", "--user", "alice", "--recipient", "u@x.example", "--domain", "x.example", "--destination", "smtp://h:25", "--state", "deferred",
            "--older-than", "2h", "--reason", "why not", "--yes"));

        const string Conditions = """
            "sender":"\u003C\u003E","user":"alice","recipient":"u@x.example","domain":"x.example","destination":"smtp://h:25","state":"deferred","olderThan":"2h","reason":"why not"
            """;
        Assert.Equal(["{" + Conditions + ",\"dryRun\":true}", "{" + Conditions + "}"], _node.Posted);
        Assert.Equal(["3 messages match"], _run.ErrorLines);
        Assert.Equal("1/1 nodes", _run.OutputLines[^1]);
    }

    [Fact]
    public async Task A_terminal_is_asked_and_a_no_does_nothing()
    {
        var asked = new List<string>();
        _run.Confirm = (question, _) =>
        {
            asked.Add(question);
            return Task.FromResult(asked.Count > 1);
        };

        Assert.Equal(1, await AskAsync("delete", "--domain", "x.example", "--reason", "spam"));
        Assert.Single(_node.Posted);
        Assert.Equal(["3 messages match", "nothing was done"], _run.ErrorLines);
        Assert.Empty(_run.Output);

        Assert.Equal(0, await AskAsync("delete", "--domain", "x.example", "--reason", "spam"));
        Assert.Equal(3, _node.Posted.Count);
        Assert.Equal(["delete 3 messages?", "delete 3 messages?"], asked);
    }

    [Fact]
    public async Task Without_a_terminal_a_selection_needs_yes()
    {
        Assert.Equal(2, await AskAsync("retry", "--domain", "x.example"));

        Assert.Contains("\"dryRun\":true", Assert.Single(_node.Posted));
        Assert.Equal(["3 messages match", "relay: no terminal to ask at: say --yes if these messages are meant"], _run.ErrorLines);
    }

    [Fact]
    public async Task Conditions_that_nothing_meets_are_no_failure_and_no_question()
    {
        _node.Body = """{ "matched": 0, "changed": 0, "inFlight": 0 }""";

        Assert.Equal(0, await AskAsync("retry", "--domain", "x.example"));

        Assert.Equal("retry: 0 messages match, 0 changed", _run.OutputLines[0]);
    }

    [Fact]
    public async Task A_dry_run_only_counts_and_needs_no_reason()
    {
        Assert.Equal(0, await AskAsync("delete", "--everything", "--dry-run"));

        Assert.Equal(["""{"everything":true,"dryRun":true}"""], _node.Posted);
        Assert.StartsWith("delete: 3 messages match, 2 would be changed", _run.OutputLines[0]);
    }

    [Fact]
    public async Task As_json_it_is_one_object_with_all_that_the_node_said()
    {
        Assert.Equal(0, await AskAsync("retry", "--everything", "--yes", "--json"));

        Assert.Equal(["""{"matched":3,"changed":2,"inFlight":1,"extra":"kept"}"""], _run.OutputLines);
        Assert.Equal(["3 messages match", "1/1 nodes"], _run.ErrorLines);
    }

    [Theory]
    [InlineData("nothing says which messages: name them, narrow them, or delete all of them with --everything", "delete", "--reason", "x")]
    [InlineData("--everything stands alone, without ids and conditions", "retry", "--everything", "--domain", "x.example")]
    [InlineData("--everything stands alone, without ids and conditions", "retry", "0a1b", "--everything")]
    [InlineData("--reason is needed: others will ask why", "hold", "0a1b")]
    [InlineData("--reason is needed: others will ask why", "delete", "0a1b")]
    [InlineData("--reason is needed: others will ask why", "bounce", "--domain", "x.example")]
    [InlineData("\"..\" is no message id: letters and digits", "retry", "..")]
    [InlineData("--older-than: \"2x\" is not a time: a whole number and s, m, h or d, like 30s, 5m, 4h or 5d", "retry", "--older-than", "2x")]
    [InlineData("--state: \"defered\" is no state: did you mean deferred?", "retry", "--state", "defered")]
    public async Task Wrong_words_are_usage_errors_and_reach_no_node(string error, params string[] words)
    {
        Assert.Equal(2, await AskAsync(words));

        Assert.Equal([$"relay: {error}", $"See 'relay queue {words[0]} --help'."], _run.ErrorLines);
        Assert.Empty(_node.Requests);
    }

    [Theory]
    [InlineData(400, 2)] // what was asked for cannot be
    [InlineData(503, 1)]
    public async Task A_refusal_is_told(int status, int exitCode)
    {
        _node.Refuse(status, """{ "title": "domain is not a domain", "detail": "x\u001b is no domain" }""");

        Assert.Equal(exitCode, await AskAsync("retry", "--domain", "x", "--yes"));

        Assert.Equal([@"relay: domain is not a domain: x\u001b is no domain"], _run.ErrorLines);
    }

    private Task<int> AskAsync(params string[] words) =>
        _run.RunAsync(["queue", .. words, "--server", _node.Address, "--token-file", "token"]);
}

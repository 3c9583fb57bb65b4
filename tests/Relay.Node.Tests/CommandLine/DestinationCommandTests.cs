namespace Relay.Node.Tests.CommandLine;

public sealed class DestinationCommandTests : IAsyncLifetime, IDisposable
{
    private const string Destination = """
        {"name":"smtp://h:25","state":"parked","messages":3,"inFlight":0,"connections":1,"window":2.5,"until":"2026-11-24T08:00:05Z","reason":"421 \u001B[0m","domains":["a.example","b.example"]}
        """;

    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
        _node.Body = $$"""{ "destinations": [ {{Destination}} ] }""";
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task List_prints_a_line_for_each()
    {
        Assert.Equal(0, await AskAsync("list"));

        Assert.Equal(["/api/destinations"], _node.Requests);
        Assert.Equal(
            @"smtp://h:25 - parked 3 0 1 2.5 2026-11-24 08:00:05Z a.example, b.example 421 \u001b[0m",
            string.Join(' ', _run.OutputLines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task List_as_json_is_one_object_a_line()
    {
        Assert.Equal(0, await AskAsync("list", "--json"));

        Assert.Equal([Destination], _run.OutputLines);
    }

    [Fact]
    public async Task A_pause_lasts_an_hour_unless_told_otherwise()
    {
        _node.Body = """{ "names": [ "smtp://h:25" ], "until": "2026-11-24T09:00:05Z" }""";

        Assert.Equal(0, await AskAsync("pause", "smtp://h:25", "--reason", "it moves"));
        Assert.Equal(["smtp://h:25: paused until 2026-11-24 09:00:05Z", "1/1 nodes"], _run.OutputLines);

        Assert.Equal(0, await AskAsync("pause", "x.example", "--duration", "2d", "--reason", "it moves", "--json"));
        Assert.Equal(["""{"names":["smtp://h:25"],"until":"2026-11-24T09:00:05Z"}"""], _run.OutputLines);
        Assert.Equal(["1/1 nodes"], _run.ErrorLines);

        Assert.Equal(["/api/destinations/pause", "/api/destinations/pause"], _node.Requests);
        Assert.Equal(
            [
                """{"name":"smtp://h:25","duration":"1h","reason":"it moves"}""",
                """{"name":"x.example","duration":"2d","reason":"it moves"}""",
            ],
            _node.Posted);
    }

    [Fact]
    public async Task Resume_names_what_it_resumed()
    {
        _node.Body = """{ "names": [ "a", "b" ], "until": null }""";

        Assert.Equal(0, await AskAsync("resume", "x.example"));

        Assert.Equal(["a: resumed", "b: resumed", "1/1 nodes"], _run.OutputLines);
        Assert.Equal(["""{"name":"x.example"}"""], _node.Posted);
    }

    [Fact]
    public async Task A_destination_that_is_not_there_is_a_failure()
    {
        _node.Refuse(404, """{ "title": "There is no such destination" }""");

        Assert.Equal(1, await AskAsync("resume", "x"));

        Assert.Equal(["relay: There is no such destination"], _run.ErrorLines);
    }

    [Theory]
    [InlineData("pause", "x")]
    [InlineData("pause", "x", "--reason", "y", "--duration", "0s")]
    [InlineData("pause", "--reason", "y")]
    [InlineData("resume")]
    public async Task Wrong_words_are_usage_errors_and_reach_no_node(params string[] words)
    {
        Assert.Equal(2, await AskAsync(words));

        Assert.Empty(_node.Requests);
    }

    private Task<int> AskAsync(params string[] words) =>
        _run.RunAsync(["destination", .. words, "--server", _node.Address, "--token-file", "token"]);
}

namespace Relay.Node.Tests.CommandLine;

public sealed class QueueSummaryTests : IAsyncLifetime, IDisposable
{
    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
        _node.Body = """
            { "messages": 5, "bytes": 2048, "states": { "deferred": 4, "held": 1 },
              "destinations": [ { "name": "mx\u001b[2J.example", "messages": 4, "bytes": 1024, "oldest": "2026-11-24T08:00:05Z" } ],
              "domains": [], "senders": [ { "name": "", "messages": 5, "bytes": 2048, "oldest": "2026-11-24T08:00:05Z" } ] }
            """;
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task The_summary_has_a_table_for_each_view_that_has_rows()
    {
        Assert.Equal(0, await AskAsync("--limit", "3"));

        Assert.Equal(["/api/queue/summary?limit=3"], _node.Requests);
        Assert.Equal(
            [
                "Messages 5", "Size 2.0 KiB", "deferred 4", "held 1",
                "Destination Messages Size Oldest", @"mx\u001b[2J.example 4 1.0 KiB 2026-11-24 08:00:05Z",
                "Sender Messages Size Oldest", "<> 5 2.0 KiB 2026-11-24 08:00:05Z",
            ],
            _run.OutputLines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public async Task As_json_it_is_one_line()
    {
        Assert.Equal(0, await AskAsync("--json"));

        Assert.StartsWith("{\"messages\":5,", Assert.Single(_run.OutputLines));
        Assert.DoesNotContain('\u001b', _run.Output);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    public async Task A_limit_out_of_bounds_reaches_no_node(string limit)
    {
        Assert.Equal(2, await AskAsync("--limit", limit));

        Assert.Contains(_run.ErrorLines, line => line.EndsWith($"--limit: \"{limit}\" is not a number from 1 to 1000", StringComparison.Ordinal));
        Assert.Empty(_node.Requests);
    }

    private Task<int> AskAsync(params string[] words) =>
        _run.RunAsync(["queue", "summary", .. words, "--server", _node.Address, "--token-file", "token"]);
}

namespace Relay.Node.Tests.CommandLine;

public sealed class ClusterCommandTests : IAsyncLifetime, IDisposable
{
    private const string Members = """
        [{"name":"a","address":"127.0.0.11:4053","roles":["relay"],"status":"up","reachable":true,"policyVersion":7,"pressure":2,"queue":12,"shards":20},
         {"name":"127.0.0.13:4053","address":"127.0.0.13:4053","roles":["client"],"status":"up","reachable":false,"policyVersion":null,"pressure":null,"queue":null,"shards":null}]
        """;

    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Status_prints_a_line_for_each_member_and_what_is_not_as_it_should_be_beside_them()
    {
        _node.Body = $$"""{"node":"a","status":"up","members":{{Members}},"notices":["the member c is \u001bunreachable"]}""";

        Assert.Equal(0, await AskAsync("status"));

        Assert.Equal(["/api/cluster"], _node.Requests);
        Assert.Equal(
            ["a 127.0.0.11:4053 relay up yes 7 High 12 20", "127.0.0.13:4053 127.0.0.13:4053 client up no - - - -"],
            _run.OutputLines[1..].Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal([@"a: the member c is \u001bunreachable"], _run.ErrorLines);
    }

    [Fact]
    public async Task Status_as_json_is_the_document()
    {
        _node.Body = $$"""{"node":"a","status":"up","members":{{Members}},"notices":[]}""";

        Assert.Equal(0, await AskAsync("status", "--json"));

        Assert.Contains("\"policyVersion\": 7", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leave_says_what_becomes_of_the_node_and_its_queue()
    {
        _node.Status = 202;
        _node.Body = """{"node":"a","drainTime":"30s","queue":3}""";

        Assert.Equal(0, await AskAsync("leave"));

        Assert.Equal(["POST /api/cluster/leave"], _node.Methods.Zip(_node.Requests, static (method, path) => $"{method} {path}"));
        Assert.Equal(
            ["a: drains for 30s at the most, leaves the cluster and ends; of 3 messages in its queue, those that are left stay in its spool"], _run.OutputLines);
    }

    private Task<int> AskAsync(params string[] arguments) =>
        _run.RunAsync(["cluster", .. arguments, "--server", _node.Address, "--token-file", "token"]);
}

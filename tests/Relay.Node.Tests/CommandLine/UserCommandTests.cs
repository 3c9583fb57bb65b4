using System.Text.Json;
using Relay.Node.Authentication;
using Relay.Smtp.Authentication;

namespace Relay.Node.Tests.CommandLine;

public sealed class UserCommandTests : IAsyncLifetime, IDisposable
{
    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
        _node.Body = """{ "name": "alice@relay.example", "change": "added", "nodes": [ { "name": "a", "inForce": true, "milliseconds": 3 } ] }""";
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("correct horse")]
    [InlineData("correct horse\n")]
    [InlineData("correct horse\r\n")]
    public async Task Add_sends_a_verifier_of_the_password_that_is_piped_in(string input)
    {
        _run.Input = input;

        Assert.Equal(0, await AskAsync("add", "Alice@Relay.Example"));

        Assert.Equal(["alice@relay.example: added", "1/1 nodes"], _run.OutputLines);
        Assert.Equal(["/api/users/alice@relay.example"], _node.Requests);
        Assert.Equal(["PUT"], _node.Methods);
        AssertVerifies("correct horse"u8);
    }

    [Fact]
    public async Task Add_reads_the_password_from_a_file()
    {
        _run.Write("password", "from the file\n");
        _run.Input = "not this";

        Assert.Equal(0, await AskAsync("add", "alice", "--password-file", "password", "--json"));

        Assert.Equal(["""{"name":"alice@relay.example","change":"added","nodes":[{"name":"a","inForce":true,"milliseconds":3}]}"""], _run.OutputLines);
        Assert.Equal(["1/1 nodes"], _run.ErrorLines);
        AssertVerifies("from the file"u8);
    }

    [Fact]
    public async Task Add_asks_twice_at_a_terminal()
    {
        var asked = new List<string>();
        _run.AskSecret = (question, _) =>
        {
            asked.Add(question);
            return Task.FromResult("typed");
        };
        Assert.Equal(0, await AskAsync("add", "alice"));
        Assert.Equal(["Password: ", "Again: "], asked);
        AssertVerifies("typed"u8);
    }

    [Fact]
    public async Task Two_passwords_that_differ_are_none()
    {
        var answers = new Queue<string>(["one", "two"]);
        _run.AskSecret = (_, _) => Task.FromResult(answers.Dequeue());
        Assert.Equal(1, await AskAsync("add", "alice"));
        Assert.Equal(["relay: the two passwords differ"], _run.ErrorLines);
        Assert.Empty(_node.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("one\ntwo\n")]
    [InlineData("gr\u00FC\u00DFe")]
    [InlineData("tab\t")]
    public async Task What_can_be_no_password_reaches_no_node(string input)
    {
        _run.Input = input;
        Assert.Equal(1, await AskAsync("add", "alice"));
        Assert.StartsWith("relay: standard input: is no password", Assert.Single(_run.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(_node.Requests);
    }

    [Fact]
    public async Task A_password_has_a_limit()
    {
        _run.Input = new string('x', UserName.PasswordOctetsMax) + "\n";
        Assert.Equal(0, await AskAsync("add", "alice"));
        _run.Input = new string('x', UserName.PasswordOctetsMax + 1) + "\n";
        Assert.Equal(1, await AskAsync("add", "alice"));
        _run.Input = new string('x', 1 << 20);
        Assert.Equal(1, await AskAsync("add", "alice"));
        Assert.Equal(1, await AskAsync("add", "alice", "--password-file", "none"));
        Assert.Equal(["relay: none: no such file"], _run.ErrorLines);
    }

    [Fact]
    public async Task Remove_names_whom_it_removed()
    {
        _node.Body = """{ "name": "alice", "change": "removed", "nodes": [ { "name": "a", "inForce": true, "milliseconds": 3 }, { "name": "b", "inForce": true, "milliseconds": 4 } ] }""";
        Assert.Equal(0, await AskAsync("remove", "alice"));
        Assert.Equal(["alice: removed", "2/2 nodes"], _run.OutputLines);
        Assert.Equal(["DELETE"], _node.Methods);
    }

    [Fact]
    public async Task A_node_that_lags_is_named_and_a_failure()
    {
        _node.Body = """{ "name": "alice", "change": "added", "nodes": [ { "name": "a", "inForce": true, "milliseconds": 3 }, { "name": "b", "inForce": false, "milliseconds": 0 } ] }""";
        _run.Input = "password";
        Assert.Equal(1, await AskAsync("add", "alice"));
        Assert.Equal(["alice: added", "1/2 nodes"], _run.OutputLines);
        Assert.Equal(["b: not in force yet: it lags, or is not in the cluster"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_user_that_is_not_there_is_a_failure()
    {
        _node.Refuse(404, """{ "title": "There is no such user" }""");
        Assert.Equal(1, await AskAsync("remove", "alice"));
        Assert.Equal(["relay: There is no such user"], _run.ErrorLines);
    }

    [Fact]
    public async Task Those_who_are_held_are_listed_with_the_reason_and_let_go_by_name()
    {
        _node.Body = """{ "accounts": [ {"name":"alice","since":"2026-11-24T09:36:12Z","reason":"3 of 4 recipients failed","node":"a"} ], "nodes": [ {"node":"a","done":true,"problem":null} ] }""";
        Assert.Equal(0, await AskAsync("held"));
        Assert.Equal(
            "alice a 2026-11-24 09:36:12Z 3 of 4 recipients failed", string.Join(' ', _run.OutputLines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(0, await AskAsync("held", "--json"));
        Assert.Equal(["""{"name":"alice","since":"2026-11-24T09:36:12Z","reason":"3 of 4 recipients failed","node":"a"}"""], _run.OutputLines);

        _node.Body = """{ "name": "alice", "wasHeld": true, "nodes": [ {"node":"a","done":true,"problem":null}, {"node":"b","done":false,"problem":"is unreachable"} ] }""";
        Assert.Equal(1, await AskAsync("release", "alice"));
        Assert.Equal(["alice: released", "1/2 nodes"], _run.OutputLines);
        Assert.Equal("/api/accounts/alice/release", _node.Requests.Last());
    }

    [Fact]
    public async Task List_prints_a_line_for_each()
    {
        _node.Body = """{ "users": [ {"name":"alice","mechanisms":["PLAIN","LOGIN"],"iterations":100000} ] }""";
        Assert.Equal(0, await AskAsync("list"));
        Assert.Equal("alice PLAIN LOGIN 100000", string.Join(' ', _run.OutputLines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(0, await AskAsync("list", "--json"));
        Assert.Equal(["""{"name":"alice","mechanisms":["PLAIN","LOGIN"],"iterations":100000}"""], _run.OutputLines);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("add", "al ice")]
    [InlineData("add", "alice", "password")]
    [InlineData("add", "alice", "--password", "x")]
    [InlineData("remove", "../admin")]
    [InlineData("list", "alice")]
    public async Task Wrong_words_are_usage_errors_and_reach_no_node(params string[] words)
    {
        _run.Input = "password";
        Assert.Equal(2, await AskAsync(words));
        Assert.Empty(_node.Requests);
    }

    private void AssertVerifies(ReadOnlySpan<byte> password)
    {
        Assert.True(_node.Posted.TryDequeue(out var body));
        var verifier = VerifierJson.Read(JsonDocument.Parse(body).RootElement, "");
        Assert.True(verifier.IsOf(password));
        Assert.Equal(ScramVerifier.IterationsDefault, verifier.Iterations);
    }

    private Task<int> AskAsync(params string[] words) => _run.RunAsync(["user", .. words, "--server", _node.Address, "--token-file", "token"]);
}

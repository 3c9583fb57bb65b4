using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Relay.Node.Tests.CommandLine;

public sealed class QueueCommandTests : IAsyncLifetime, IDisposable
{
    private const string Message = """
        { "id": "0a1b", "sender": "", "size": 1536, "arrived": "2026-11-24T08:00:05+01:00", "state": "deferred", "extra": { "kept": true },
          "recipients": [
            { "address": "a@one.example", "state": "delivered", "destination": "mx.one.example", "attempts": 1, "nextAttempt": null,
              "lastStage": "endOfData", "lastReply": "250 2.0.0 Ok" },
            { "address": "b@two.example", "state": "deferred", "destination": null, "attempts": 2, "nextAttempt": "2026-11-24T09:00:00Z",
              "lastStage": "connect", "lastReply": "451 4.4.1 [red]No\u001b[2J route\u202e" } ] }
        """;

    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token + "\n");
        _node.Body = $$"""{ "messages": [ {{Message}} ], "total": 1 }""";
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task List_prints_a_line_for_each_message_and_the_total_beside_it()
    {
        Assert.Equal(0, await AskAsync("list"));

        Assert.Equal("/api/queue?limit=100", Assert.Single(_node.Requests));
        Assert.StartsWith("Id ", _run.OutputLines[0]);
        Assert.Equal(
            "0a1b - 2026-11-24 07:00:05Z 1.5 KiB deferred <> <a@one.example> and 1 more 2026-11-24 09:00:00Z 451 4.4.1 [red]No\\u001b[2J route\\u202e",
            Squeeze(_run.OutputLines[1]));
        Assert.Equal(2, _run.OutputLines.Length);
        Assert.Equal(["1 of 1 messages"], _run.ErrorLines);
    }

    [Fact]
    public async Task List_passes_its_filters_on_escaped()
    {
        Assert.Equal(0, await AskAsync(
            "list", "--sender", "<>", "--recipient", "a+b&c@x.example", "--domain", "x.example", "--limit", "7"));

        Assert.Equal(
            "/api/queue?sender=%3C%3E&recipient=a%2Bb%26c%40x.example&domain=x.example&limit=7", Assert.Single(_node.Requests));
    }

    [Fact]
    public async Task List_tells_when_there_are_more()
    {
        _node.Body = """{ "messages": [], "total": 41 }""";

        Assert.Equal(0, await AskAsync("list"));

        Assert.Equal(["0 of 41 messages; narrow the list or raise --limit to see the others"], _run.ErrorLines);
    }

    [Fact]
    public async Task List_as_json_is_one_object_a_line_with_all_that_the_node_said()
    {
        _node.Body = $$"""{ "messages": [ {{Message}}, {{Message}} ], "total": 2 }""";

        Assert.Equal(0, await AskAsync("list", "--json"));

        Assert.Equal(2, _run.OutputLines.Length);
        Assert.All(_run.OutputLines, line => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Message), JsonElement.Parse(line))));
        Assert.DoesNotContain('\u001b', _run.Output);
        Assert.Contains("\"arrived\":\"2026-11-24T08:00:05+01:00\"", _run.OutputLines[0], StringComparison.Ordinal);
        Assert.Contains(@"""451 4.4.1 [red]No\u001B[2J route\u202E""", _run.OutputLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_prints_the_message_and_each_recipient()
    {
        _node.Body = Message;

        Assert.Equal(0, await AskAsync("show", "0a1b"));

        Assert.Equal("/api/queue/0a1b", Assert.Single(_node.Requests));
        var lines = _run.OutputLines.Select(Squeeze).ToArray();
        Assert.Equal(["Id 0a1b", "State deferred", "Arrived 2026-11-24 07:00:05Z", "Size 1536 bytes", "Sender <>"], lines[..5]);
        Assert.Equal("Recipient State Destination Attempts Next attempt Last stage Last reply", lines[5]);
        Assert.Equal("<a@one.example> delivered mx.one.example 1 - endOfData 250 2.0.0 Ok", lines[6]);
    }

    [Fact]
    public async Task Show_tells_what_an_operator_wants_of_a_recipient_in_flight()
    {
        _node.Body = Message.Replace("\"state\": \"deferred\", \"destination\"", "\"state\": \"active\", \"then\": \"delete\", \"destination\"", StringComparison.Ordinal);

        Assert.Equal(0, await AskAsync("show", "0a1b"));

        Assert.StartsWith("<b@two.example> active, then delete - 2 ", Squeeze(_run.OutputLines[^1]));
    }

    [Fact]
    public async Task What_a_peer_wrote_is_neither_markup_nor_a_control_sequence()
    {
        _node.Body = Message;

        Assert.Equal(0, await AskAsync("show", "0a1b"));

        Assert.EndsWith(@"451 4.4.1 [red]No\u001b[2J route\u202e", _run.OutputLines[^1]);
    }

    [Fact]
    public async Task Show_as_json_is_one_document()
    {
        _node.Body = Message;

        Assert.Equal(0, await AskAsync("show", "0a1b", "--json"));

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Message), JsonElement.Parse(_run.Output)));
    }

    [Fact]
    public async Task A_problem_is_told_by_title_and_detail()
    {
        _node.Refuse(404, """
            { "type": "about:blank", "title": "No such message", "detail": "0a1b is not in this node's queue\u001b[0m", "status": 404 }
            """);

        Assert.Equal(1, await AskAsync("show", "0a1b"));

        Assert.Equal([@"relay: No such message: 0a1b is not in this node's queue\u001b[0m"], _run.ErrorLines);
        Assert.Empty(_run.Output);
    }

    [Fact]
    public async Task An_error_without_a_problem_is_told_by_its_status()
    {
        (_node.Status, _node.ContentType, _node.Body) = (503, "text/html", "<html>");

        Assert.Equal(1, await AskAsync("list"));

        Assert.Equal([$"relay: {_node.Address} answered 503 Service Unavailable"], _run.ErrorLines);
    }

    [Theory]
    [InlineData("{", "(")]
    [InlineData("[]", "(The JSON value could not be converted")]
    [InlineData("null", "(null)")]
    [InlineData("""{ "messages": [] }""", "(JSON deserialization for type")]
    public async Task An_answer_that_is_none_is_told(string body, string problem)
    {
        _node.Body = body;

        Assert.Equal(1, await AskAsync("list"));

        Assert.StartsWith(
            $"relay: {_node.Address} answered something unexpected: is it a relay node? {problem}", Assert.Single(_run.ErrorLines));
    }

    [Fact]
    public async Task A_wrong_token_is_told_with_the_file_it_came_from()
    {
        _run.Write("token", "wrong");

        Assert.Equal(1, await AskAsync("list"));

        Assert.Equal(
            ["relay: Unauthorized: a token is needed (the token in token is not this node's: name its file with --token-file)"],
            _run.ErrorLines);
    }

    [Fact]
    public async Task A_redirect_does_not_take_the_token_elsewhere()
    {
        await using var other = await AdminStub.StartAsync();
        (_node.Status, _node.Location) = (307, other.Address + "/api/queue");

        Assert.Equal(1, await AskAsync("list"));

        Assert.Empty(other.Requests);
        Assert.Equal([$"relay: {_node.Address} answered 307 Temporary Redirect"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told()
    {
        var address = _node.Address;
        await _node.DisposeAsync();

        Assert.Equal(1, await _run.RunAsync("queue", "list", "--server", address, "--token-file", "token"));

        Assert.Equal(
            [$"relay: cannot reach {address}: connection refused: is the node running, and is this its admin address?"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_not_waited_for_without_end()
    {
        _node.Hold = new TaskCompletionSource().Task;
        _run.AnswerTimeMax = TimeSpan.FromSeconds(1);

        Assert.Equal(1, await AskAsync("list"));

        Assert.Equal([$"relay: {_node.Address} did not answer within 1s"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_server_that_speaks_no_http_is_told()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var smtp = Task.Run(async () =>
        {
            using var peer = await listener.AcceptTcpClientAsync();
            await peer.GetStream().WriteAsync("220 mx.example ESMTP\r\n"u8.ToArray());
        });

        Assert.Equal(1, await _run.RunAsync("queue", "list", "--server", $"http://{listener.LocalEndpoint}", "--token-file", "token"));

        await smtp;
        Assert.StartsWith($"relay: cannot reach http://{listener.LocalEndpoint}: ", Assert.Single(_run.ErrorLines));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("a\u007f")]
    [InlineData(" \n")]
    public async Task A_token_file_without_a_token_is_told(string text)
    {
        _run.Write("token", text);

        Assert.Equal(1, await AskAsync("list"));

        Assert.Equal(["relay: token: holds no token: one word of printable ASCII"], _run.ErrorLines);
        Assert.Empty(_node.Requests);
    }

    [Fact]
    public async Task Server_and_token_come_from_the_settings_when_no_option_names_them()
    {
        var authority = new Uri(_node.Address).Authority;
        _run.Write("etc/a.json", $$"""{ "Admin": { "Address": "{{authority}}" }, "Node": { "DataDirectory": "var" } }""");
        _run.Write("etc/var/admin.token", AdminStub.Token);

        Assert.Equal(0, await _run.RunAsync("queue", "list", "--config", "etc/a.json"));
        Assert.Equal(0, await _run.RunAsync("--config", "etc/a.json", "queue", "list"));

        _run.Variables["RELAY_Admin__Address"] = authority;
        _run.Write("data/admin.token", AdminStub.Token);
        Assert.Equal(0, await _run.RunAsync("queue", "list"));
        Assert.Equal(3, _node.Requests.Count);
    }

    [Fact]
    public async Task A_node_that_listens_everywhere_is_asked_on_loopback()
    {
        var port = new Uri(_node.Address).Port;
        _run.Write("relay.json", $$"""{ "Admin": { "Address": "0.0.0.0:{{port}}", "AllowPlaintext": true } }""");

        Assert.Equal(0, await _run.RunAsync("queue", "list", "--token-file", "token"));
    }

    [Fact]
    public async Task Settings_that_leave_the_address_open_are_told()
    {
        _run.Write("relay.json", """{ "Admin": { "Address": "127.0.0.1:0" } }""");

        Assert.Equal(1, await _run.RunAsync("queue", "list", "--token-file", "token"));

        Assert.Equal(["relay: Admin:Address has port 0, a free one at each start: give --server http://127.0.0.1:PORT"], _run.ErrorLines);
    }

    [Fact]
    public async Task Broken_settings_matter_only_when_they_are_needed()
    {
        _run.Write("relay.json", "{ \"Nod\": 1 }");

        Assert.Equal(0, await AskAsync("list"));
        Assert.Equal(1, await _run.RunAsync("queue", "list", "--server", _node.Address));
        Assert.Equal(["relay.json:1: Nod: unknown key; did you mean Node?"], _run.ErrorLines);
    }

    [Fact]
    public async Task Without_a_token_file_the_node_is_not_asked()
    {
        Assert.Equal(1, await _run.RunAsync("queue", "list", "--server", _node.Address));

        var file = Path.Combine(_run.Folder, "data", "admin.token");
        Assert.Equal(
            [$"relay: {file}: no such file: the node makes it at its first start; name another with --token-file"], _run.ErrorLines);
        Assert.Empty(_node.Requests);
    }

    [Theory]
    [InlineData("list", "--limit", "0")]
    [InlineData("list", "--limit", "10001")]
    [InlineData("list", "--limit", "-1")]
    [InlineData("list", "--limit", "x")]
    [InlineData("show", "..")]
    [InlineData("show", "a/b")]
    [InlineData("show", "")]
    [InlineData("show")]
    public async Task Wrong_words_are_usage_errors_and_reach_no_node(params string[] words)
    {
        Assert.Equal(2, await AskAsync(words));

        Assert.Equal($"See 'relay queue {words[0]} --help'.", _run.ErrorLines[^1]);
        Assert.Empty(_node.Requests);
    }

    private Task<int> AskAsync(params string[] words) =>
        _run.RunAsync(["queue", .. words, "--server", _node.Address + "/", "--token-file", "token"]);

    private static string Squeeze(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

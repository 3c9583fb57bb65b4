using System.Text.Json;

namespace Relay.Node.Tests.CommandLine;

public sealed class PolicyCommandTests : IAsyncLifetime, IDisposable
{
    private const string Policy = """
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "networks": ["10.0.0.0/8"] },
          "routes": [ { "domain": "relay.example", "to": "smtp://127.0.0.1:2526" } ]
        }
        """;

    private static readonly string[] Question =
        ["policy", "explain", "--client", "192.0.2.7", "--listener", "public", "--from", "s@x.example"];

    private readonly CommandRun _run = new();
    private AdminStub _node = null!;

    public async Task InitializeAsync()
    {
        _node = await AdminStub.StartAsync();
        _run.Write("token", AdminStub.Token);
        _run.Write("policy.json", Policy);
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Check_of_a_valid_document_is_done()
    {
        Assert.Equal(0, await _run.RunAsync("policy", "check", "policy.json"));

        Assert.DoesNotContain(_run.OutputLines, line => !line.Contains(": warning: ", StringComparison.Ordinal));
        Assert.StartsWith("policy.json: valid", Assert.Single(_run.ErrorLines));
    }

    [Fact]
    public async Task Check_prints_file_line_key_and_message_of_each_error()
    {
        _run.Write("bad.json", """
            {
              "acceptedDomain": ["relay.example"],
              "relay": { "networks": ["10.0.0.0/8",
                                      "10/8"] }
            }
            """);

        Assert.Equal(1, await _run.RunAsync("policy", "check", "bad.json"));

        Assert.Matches("""^bad\.json:2: acceptedDomain: .*acceptedDomains""", _run.OutputLines[0]);
        Assert.Matches("""^bad\.json:4: relay\.networks\[1\]: .*10/8""", _run.OutputLines[1]);
        Assert.StartsWith("bad.json: 2 errors", Assert.Single(_run.ErrorLines));
    }

    [Fact]
    public async Task Check_as_json_is_one_document()
    {
        _run.Write("bad.json", "{\n \"nope\": 1 }");

        Assert.Equal(1, await _run.RunAsync("policy", "check", "bad.json", "--json"));

        var report = JsonElement.Parse(_run.Output);
        Assert.Equal("bad.json", report.GetProperty("file").GetString());
        var error = Assert.Single(report.GetProperty("errors").EnumerateArray());
        Assert.Equal(("nope", 2), (error.GetProperty("key").GetString(), error.GetProperty("line").GetInt32()));
        Assert.False(string.IsNullOrEmpty(error.GetProperty("message").GetString()));
        Assert.Equal(JsonValueKind.Array, report.GetProperty("warnings").ValueKind);
        Assert.Empty(_run.Error);
    }

    [Fact]
    public async Task Check_prints_warnings_and_does_not_fail_for_them()
    {
        _run.Write("warned.json", """{ "message": { "size": "32 KiB" } }""");

        Assert.Equal(0, await _run.RunAsync("policy", "check", "warned.json"));

        var warning = Assert.Single(_run.OutputLines);
        Assert.Matches("""^warned\.json:\d+: \S+: warning: """, warning);
        Assert.Equal(["warned.json: valid, 1 warning"], _run.ErrorLines);
    }

    [Fact]
    public async Task Check_reads_the_lists_of_recipients_beside_the_document()
    {
        _run.Write(
            "lists.json",
            """
            {
              "acceptedDomains": ["relay.example", "b.example", "c.example"],
              "recipients": { "relay.example": "file:users.txt", "b.example": "file:users.txt",
                              "c.example": "file:none.txt" }
            }
            """);
        _run.Write("users.txt", "alice\nbob bob\n");

        Assert.Equal(1, await _run.RunAsync("policy", "check", "lists.json"));

        var errors = _run.OutputLines.Where(line => !line.Contains(": warning: ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, errors.Length);
        Assert.StartsWith("lists.json:3: recipients[\"relay.example\"]: users.txt:2: \"bob bob\" is not a recipient", errors[0], StringComparison.Ordinal);
        Assert.Equal("lists.json:4: recipients[\"c.example\"]: none.txt: no such file", errors[1]);
        Assert.StartsWith("lists.json: 2 errors", Assert.Single(_run.ErrorLines));

        _run.Write("users.txt", "alice\n");
        _run.Write("none.txt", "bob\n");
        Assert.Equal(0, await _run.RunAsync("policy", "check", "lists.json"));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_is_told()
    {
        Assert.Equal(1, await _run.RunAsync("policy", "check", "none.json"));
        Assert.Equal(["relay: none.json: no such file"], _run.ErrorLines);

        Assert.Equal(1, await _run.RunAsync("policy", "check", "."));
        Assert.Equal(["relay: .: is a folder"], _run.ErrorLines);
    }

    [Fact]
    public async Task Explain_of_a_file_tells_verdict_rule_and_steps_without_a_node()
    {
        Assert.Equal(0, await _run.RunAsync([.. Question, "--to", "r@other.example", "--file", "policy.json"]));

        Assert.StartsWith("Verdict  refuse: 550 5.7.1 ", _run.OutputLines[0]);
        Assert.StartsWith("Rule ", _run.OutputLines[1]);
        Assert.Equal("Policy   version 1", _run.OutputLines[2]);
        Assert.StartsWith("Step ", _run.OutputLines[3]);
        Assert.Contains(_run.OutputLines[4..], line => line.StartsWith("relay.networks", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_of_an_accepted_recipient_tells_where_the_mail_goes()
    {
        Assert.Equal(0, await _run.RunAsync([.. Question, "--to", "r@relay.example", "--file", "policy.json"]));

        Assert.Equal("Verdict  accept", _run.OutputLines[0]);
        Assert.Equal("Goes to  <r@relay.example> by smtp://127.0.0.1:2526", _run.OutputLines[3]);
    }

    [Fact]
    public async Task Explain_names_file_and_line_and_needs_no_listener_and_HELO_decides_nothing()
    {
        _run.Write("never.json", "{\n\"relay\": { \"networks\": [\"192.0.2.0/24\"],\n\"never\": [\"192.0.2.7\"] } }");
        string[] question = ["policy", "explain", "--client", "192.0.2.7", "--from", "<>", "--to", "r@x.example", "--file", "never.json"];
        Assert.Equal(0, await _run.RunAsync([.. question, "--helo", "relay.example"]));

        Assert.Equal("Rule     relay.never[\"192.0.2.7\"] (never.json:3)", _run.OutputLines[1]);
        Assert.Equal("Helo     relay.example (decides nothing: anyone can say anything)", _run.OutputLines[3]);
        Assert.Contains(_run.OutputLines, line => line.Contains("192.0.2.7 at default", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alice", "accept", 3)]
    [InlineData("bob", "refuse: 550 5.1.1 No such recipient here: check the address", 3)]
    [InlineData("x@open.example", "accept, if the next hop knows the recipient", 1)]
    [InlineData("x@lost.example", "defer: 451 4.4.3 Cannot check the recipient at the moment, try again later", 5)]
    public async Task Explain_asks_the_list_of_recipients_and_names_its_line(string recipient, string verdict, int line)
    {
        _run.Write("lists/policy.json", """
            { "acceptedDomains": ["relay.example", "open.example", "lost.example"],
              "recipients": {
                "relay.example": "file:users.txt",
                "open.example": "callout",
                "lost.example": "file:none.txt" } }
            """);
        _run.Write("lists/users.txt", "alice\n");
        var to = recipient.Contains('@', StringComparison.Ordinal) ? recipient : $"{recipient}@relay.example";

        Assert.Equal(0, await _run.RunAsync([.. Question, "--to", to, "--file", "lists/policy.json"]));

        Assert.Equal($"Verdict  {verdict}", _run.OutputLines[0]);
        Assert.EndsWith($"(lists/policy.json:{line})", _run.OutputLines[1], StringComparison.Ordinal);
        Assert.Equal(to.EndsWith("lost.example", StringComparison.Ordinal) ? ["none.txt: no such file"] : [], _run.ErrorLines);
    }

    [Fact]
    public async Task Check_warns_of_lines_for_domains_that_their_list_is_never_asked_about()
    {
        _run.Write("strays.json", """
            { "acceptedDomains": ["relay.example", ".relay.example", "other.example"],
              "recipients": {
                "relay.example": "file:users.txt", ".relay.example": "file:users.txt",
                "not.relay.example": "none",
                "other.example": "callout" } }
            """);
        _run.Write("users.txt", "alice\nbob@relay.example\nbob@other.example\n@sub.relay.example\n@not.relay.example\nx@nobody.example\n");

        Assert.Equal(0, await _run.RunAsync("policy", "check", "strays.json"));

        const string Begin = "strays.json:3: recipients[\"relay.example\"]: warning: users.txt:";
        Assert.Equal(
            ["3: this list is never asked about other.example: no entry of recipients for it names the list",
             "5: this list is never asked about not.relay.example: no entry of recipients for it names the list",
             "6: this list is never asked about nobody.example: no entry of recipients for it names the list"],
            _run.OutputLines.Where(line => line.StartsWith(Begin, StringComparison.Ordinal)).Select(line => line[Begin.Length..]));
    }

    [Fact]
    public async Task Check_refuses_a_list_that_names_nobody_where_it_is_asked()
    {
        _run.Write("lost.json", """{ "acceptedDomains": ["relay.example", "other.example"], "recipients": { "relay.example": "file:lost.txt" } }""");
        _run.Write("lost.txt", "alice@other.example\n@other.example\n");
        Assert.Equal(1, await _run.RunAsync("policy", "check", "lost.json"));
        Assert.Contains("lost.txt: names nobody in the domains that it is asked about", _run.Output + _run.Error, StringComparison.Ordinal);
        _run.Write("lost.txt", "alice@other.example\nbob\n");
        Assert.Equal(0, await _run.RunAsync("policy", "check", "lost.json"));
    }

    [Fact]
    public async Task Explain_as_json_is_one_document_with_the_same_facts()
    {
        Assert.Equal(0, await _run.RunAsync([.. Question, "--to", "<r@relay.example>", "--file", "policy.json", "--json"]));

        var answer = JsonElement.Parse(_run.Output);
        Assert.Equal("accept", answer.GetProperty("action").GetString());
        Assert.Equal("smtp://127.0.0.1:2526", answer.GetProperty("route").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("reply").ValueKind);
        Assert.NotEqual(0, answer.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task Explain_of_a_broken_file_prints_its_errors()
    {
        _run.Write("bad.json", "{\n \"nope\": 1 }");

        Assert.Equal(1, await _run.RunAsync([.. Question, "--to", "r@relay.example", "--file", "bad.json"]));

        Assert.StartsWith("bad.json:2: nope: ", _run.ErrorLines[0]);
        Assert.StartsWith("relay: bad.json: 1 error", _run.ErrorLines[1]);
        Assert.Empty(_run.Output);
    }

    [Fact]
    public async Task Explain_asks_the_node_and_prints_its_answer()
    {
        _node.Body = """
            { "version": 7, "action": "refuse", "rule": "relay.never[\"10.66.0.0/16\"]", "place": "policy.json:14", "reply": "550 5.7.1 Relaying denied",
              "recipient": null, "route": null, "steps": [ { "key": "acceptedDomains", "finding": "no", "action": null },
                                        { "key": "relay.never", "finding": "holds it", "action": "refuse" } ] }
            """;

        Assert.Equal(0, await _run.RunAsync(
            [.. Question, "--to", "r@x.example", "--user", "U", "--server", _node.Address, "--token-file", "token"]));

        Assert.Equal(
            "/api/policy/explain?client=192.0.2.7&listener=public&user=u&from=s%40x.example&to=r%40x.example",
            Assert.Single(_node.Requests));
        Assert.Equal("Verdict  refuse: 550 5.7.1 Relaying denied", _run.OutputLines[0]);
        Assert.Equal("Rule     relay.never[\"10.66.0.0/16\"] (policy.json:14)", _run.OutputLines[1]);
        Assert.Equal("Policy   version 7", _run.OutputLines[2]);
        Assert.Equal("acceptedDomains  no        -", _run.OutputLines[4]);
        Assert.Equal("relay.never      holds it  refuse", _run.OutputLines[5]);
    }

    [Fact]
    public async Task The_null_sender_is_asked_for_as_an_empty_path()
    {
        _node.Body = """
            { "version": 0, "action": "accept", "rule": "r", "place": null, "reply": null, "recipient": "r@x.example", "route": null, "steps": [] }
            """;

        Assert.Equal(0, await _run.RunAsync(
            "policy", "explain", "--client", "::1", "--listener", "a", "--from", "<>", "--to", "postmaster",
            "--server", _node.Address, "--token-file", "token"));

        Assert.Equal("/api/policy/explain?client=%3A%3A1&listener=a&from=&to=postmaster", Assert.Single(_node.Requests));
        Assert.Equal("Policy   none", _run.OutputLines[2]);
        Assert.Equal("Goes to  <r@x.example> by MX", _run.OutputLines[3]);
    }

    [Theory]
    [InlineData("--client", "10.1", "--client: \"10.1\" is not an IP address, like 192.0.2.10 or 2001:db8::10")]
    [InlineData("--from", "x@", "--from: \"x@\" is no address, like user@relay.example")]
    [InlineData("--user", "al ice", "--user: \"al ice\" can be no user's name")]
    [InlineData("--to", "<>", "--to: the null path is no recipient")]
    [InlineData("--server", "ftp://x", "--server: \"ftp://x\" is no address of a node, like http://127.0.0.1:8025")]
    [InlineData("--server", "http://u:p@x/", "--server: \"http://u:p@x/\" is no address of a node, like http://127.0.0.1:8025")]
    public async Task A_wrong_value_is_a_usage_error(string option, string value, string error)
    {
        var words = new Dictionary<string, string>
        {
            ["--client"] = "::1",
            ["--listener"] = "a",
            ["--from"] = "",
            ["--to"] = "a@b.example",
            [option] = value,
        };

        Assert.Equal(2, await _run.RunAsync(["policy", "explain", .. words.SelectMany(word => new[] { word.Key, word.Value })]));

        Assert.Equal(["relay: " + error, "See 'relay policy explain --help'."], _run.ErrorLines);
    }
}

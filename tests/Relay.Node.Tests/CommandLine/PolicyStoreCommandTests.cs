using System.Text.RegularExpressions;
using Relay.Node.Tests.EndToEnd;

namespace Relay.Node.Tests.CommandLine;

/// <summary>The commands that read and change the policy of a running cluster, against a real node.</summary>
public sealed partial class PolicyStoreCommandTests : IAsyncLifetime, IDisposable
{
    private const string First = """{ "acceptedDomains": ["first.example"] }""";

    private readonly CommandRun _run = new();
    private RunningNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await RunningNode.StartAsync(First);
        File.Copy(Path.Combine(_node.DataDirectory, "admin.token"), Path.Combine(_run.Folder, "token"));
        _run.Write("new.json", """
            { // and a second one
              "acceptedDomains": ["first.example", "second.example"] }
            """);
    }

    public Task DisposeAsync() => _node.DisposeAsync().AsTask();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_policy_is_compared_applied_and_taken_back()
    {
        Assert.Equal(0, await AskAsync("diff", "new.json"));
        Assert.Contains("+    \"second.example\"", _run.OutputLines);
        Assert.Equal(["2 lines added, 1 removed"], _run.ErrorLines);

        Assert.Equal(0, await AskAsync("apply", "new.json", "--note", "one more"));
        Assert.Equal(
            ["new.json: 2 lines added, 1 removed since version 1", "version 2", "test: in force after N ms", "1/1 nodes"],
            _run.OutputLines.Select(static line => Milliseconds().Replace(line, "N ms")));

        Assert.Equal(0, await AskAsync("history"));
        Assert.Equal(["Version", "2", "1"], _run.OutputLines.Select(static line => line.Split(' ')[0]));
        Assert.EndsWith("one more", _run.OutputLines[1], StringComparison.Ordinal);
        Assert.Contains(" PolicyFile ", _run.OutputLines[2], StringComparison.Ordinal);

        // Also behind the very first change.
        Assert.Equal(0, await AskAsync("rollback"));
        Assert.Equal(["version 3", "test: in force after N ms", "1/1 nodes"], _run.OutputLines.Select(static line => Milliseconds().Replace(line, "N ms")));
        Assert.Equal(0, await AskAsync("show"));
        Assert.DoesNotContain("second.example", _run.Output, StringComparison.Ordinal);
        Assert.Equal(["version 3"], _run.ErrorLines);
        Assert.Equal(0, await AskAsync("show", "2"));
        Assert.Contains("// and a second one", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_the_node_lacks_is_not_passed_over_by_a_rollback()
    {
        Assert.Equal(1, await AskAsync("rollback"));
        Assert.Equal(["relay: the node keeps no version before 1"], _run.ErrorLines);
        Assert.Equal(0, await AskAsync("apply", "new.json"));
        _run.Write("third.json", "{}");
        Assert.Equal(0, await AskAsync("apply", "third.json"));
        await _node.StopAsync();
        File.Delete(Path.Combine(_node.DataDirectory, "policy", "00000002.version"));
        await _node.RestartAsync();

        Assert.Equal(1, await AskAsync("rollback"));

        Assert.Equal(["relay: the node does not keep the version before 3: ask another one, or name a version, such as 1"], _run.ErrorLines);
        Assert.Equal(0, await AskAsync("rollback", "1"));
        Assert.Equal(0, await AskAsync("show"));
        Assert.Contains("first.example", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_with_an_error_is_refused_with_its_place()
    {
        _run.Write("bad.json", "{\n  \"acceptedDomain\": [] }");

        Assert.Equal(1, await AskAsync("apply", "bad.json"));

        Assert.Contains("bad.json:2: acceptedDomain: unknown key", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await AskAsync("show"));
        Assert.Equal(["version 1"], _run.ErrorLines);
    }

    private Task<int> AskAsync(params string[] words) =>
        _run.RunAsync(["policy", .. words, "--server", _node.Api.BaseAddress!.ToString(), "--token-file", "token"]);

    [GeneratedRegex("[0-9]+ ms")]
    private static partial Regex Milliseconds();
}

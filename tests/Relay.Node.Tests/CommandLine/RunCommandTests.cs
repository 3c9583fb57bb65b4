using Relay.Node.CommandLine;
using Relay.Node.Settings;

namespace Relay.Node.Tests.CommandLine;

public sealed class RunCommandTests : IDisposable
{
    private readonly CommandRun _run = new();
    private NodeSettings? _started;

    public RunCommandTests() => _run.RunNode = (settings, _) =>
    {
        _started = settings;
        return Task.FromResult(0);
    };

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData()]
    [InlineData("run")]
    public async Task Run_is_what_relay_does_without_a_command(params string[] words)
    {
        Assert.Equal(0, await _run.RunAsync(words));

        Assert.Equal(Path.Combine(_run.Folder, "data"), _started!.Node.DataDirectory);
        Assert.Empty(_run.Output + _run.Error);
    }

    [Theory]
    [InlineData("run", "--config", "a.json")]
    [InlineData("--config", "a.json", "run")]
    [InlineData("--config=a.json")]
    public async Task The_settings_file_is_named_before_or_behind_the_command(params string[] words)
    {
        _run.Write("a.json", """{ "Node": { "Name": "a" } }""");

        Assert.Equal(0, await _run.RunAsync(words));

        Assert.Equal("a", _started!.Node.Name);
    }

    [Fact]
    public async Task Settings_of_the_command_line_beat_the_environment_and_the_file_in_the_folder()
    {
        _run.Write("relay.json", """{ "Node": { "Name": "file", "DrainTime": "1m" }, "PolicyFile": "f.json" }""");
        _run.Variables["RELAY_Node__Name"] = "variable";
        _run.Variables["RELAY_Node__DrainTime"] = "2m";

        Assert.Equal(0, await _run.RunAsync("--Node:Name=line", "run", "--Listeners:0:Address=127.0.0.1:0", "--Spool:QuotaBytes=1 GiB"));

        Assert.Equal(("line", TimeSpan.FromMinutes(2)), (_started!.Node.Name, _started.Node.DrainTime));
        Assert.Equal(0, _started.Listeners[0].Address.Port);
        Assert.Equal(1L << 30, _started.Spool.QuotaBytes);
        Assert.Equal(Path.Combine(_run.Folder, "f.json"), _started.PolicyFile);
    }

    [Fact]
    public async Task The_exit_code_is_the_nodes()
    {
        _run.RunNode = (_, _) => Task.FromResult(7);

        Assert.Equal(7, await _run.RunAsync());
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start_with_every_error()
    {
        _run.Write("relay.json", "{ \"Node\": { \"Nmae\": \"a\" },\n \"Spool\": 3 }");

        Assert.Equal(1, await _run.RunAsync());

        Assert.Equal(
            ["relay.json:1: Node:Nmae: unknown key; did you mean Node:Name?", "relay.json:2: Spool: expected a section in { }, found 3"],
            _run.ErrorLines);
        Assert.Null(_started);
    }

    [Fact]
    public async Task Wrong_settings_on_the_command_line_alone_are_a_usage_error()
    {
        Assert.Equal(2, await _run.RunAsync("--Nod:Name=a"));
        Assert.Equal(["command line: Nod: unknown key; did you mean Node?"], _run.ErrorLines);

        _run.Variables["RELAY_Nod__Name"] = "a";
        Assert.Equal(1, await _run.RunAsync("--Nod:Name=a"));
    }

    [Fact]
    public async Task A_setting_without_a_value_is_a_usage_error()
    {
        Assert.Equal(2, await _run.RunAsync("run", "--Node:Name", "a"));

        Assert.Equal(["relay: --Node:Name has no value: a setting is one word, --Node:Name=VALUE"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_missing_settings_file_is_told()
    {
        Assert.Equal(1, await _run.RunAsync("--config", "none.json"));

        Assert.Equal(["none.json: no such file"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_failure_that_the_node_foresees_has_no_stack_trace()
    {
        _run.RunNode = (_, _) => throw new CommandException("port 25 is in use");
        Assert.Equal(1, await _run.RunAsync());
        Assert.Equal(["relay: port 25 is in use"], _run.ErrorLines);

        _run.RunNode = (_, _) => throw new IOException("disk\u001b[2J gone");
        Assert.Equal(1, await _run.RunAsync());
        Assert.Equal([@"relay: disk\u001b[2J gone"], _run.ErrorLines);
    }

    [Fact]
    public async Task A_bug_in_the_node_is_not_hidden()
    {
        _run.RunNode = (_, _) => throw new InvalidOperationException("bug");

        await Assert.ThrowsAsync<InvalidOperationException>(() => _run.RunAsync());
    }

    [Fact]
    public async Task The_node_is_told_when_the_process_is_to_stop()
    {
        using var stop = new CancellationTokenSource();
        var running = new TaskCompletionSource();
        _run.RunNode = async (_, stopping) =>
        {
            running.SetResult();
            var stopped = new TaskCompletionSource();
            await using var registration = stopping.Register(stopped.SetResult);
            await stopped.Task;
            return 0;
        };

        var node = _run.RunAsync([], new StringWriter(), stop.Token);
        await running.Task;
        await stop.CancelAsync();

        Assert.Equal(0, await node.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData("run", "--until-input-ends")]
    [InlineData("--until-input-ends")]
    public async Task A_node_that_is_part_of_something_else_stops_when_its_input_ends(params string[] words)
    {
        _run.Input = new string('x', 1000);
        _run.RunNode = async (_, stopping) =>
        {
            var stopped = new TaskCompletionSource();
            await using var registration = stopping.Register(stopped.SetResult);
            await stopped.Task;
            return 3;
        };

        Assert.Equal(3, await _run.RunAsync(words).WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_node_does_not_look_at_its_input_unless_it_is_told_to()
    {
        Assert.Equal(0, await _run.RunAsync("run"));

        Assert.False(_run.IsInputOpen);
    }
}

namespace Relay.Node.Tests.CommandLine;

public sealed class UsageTests : IDisposable
{
    private readonly CommandRun _run = new();

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("rum", "relay: Unrecognized command or argument 'rum'.|Did you mean run?|See 'relay --help'.")]
    [InlineData("queue", "relay: Required command was not provided.|See 'relay queue --help'.")]
    [InlineData(
        "queue lits",
        "relay: Required command was not provided.|relay: Unrecognized command or argument 'lits'.|Did you mean list?"
        + "|See 'relay queue --help'.")]
    [InlineData("run --confg=a", "relay: Unrecognized command or argument '--confg=a'.|Did you mean --config?|See 'relay run --help'.")]
    [InlineData("run --node:Name=a", "relay: Unrecognized command or argument '--node:Name=a'.|See 'relay run --help'.")]
    [InlineData("policy check --jsn", "relay: Unrecognized option '--jsn'. Did you mean --json?|See 'relay policy check --help'.")]
    [InlineData("--config a.json sink", "relay: --config has no meaning for 'relay sink'|See 'relay sink --help'.")]
    [InlineData("--Node:Name=a sink", "relay: --Node:Name is a setting: only 'relay run' takes settings|See 'relay sink --help'.")]
    [InlineData("run -- --Node:Name=a", "relay: Unrecognized command or argument '--Node:Name=a'.|See 'relay run --help'.")]
    [InlineData(
        "run --config a --config b", "relay: Option '--config' expects a single argument but 2 were provided.|See 'relay run --help'.")]
    [InlineData("@response", "relay: Unrecognized command or argument '@response'.|See 'relay --help'.")]
    public async Task Words_that_make_no_command_are_told_on_the_error_side_with_exit_code_2(string words, string errors)
    {
        Assert.Equal(2, await _run.RunAsync(words.Split(' ')));

        Assert.Equal(errors.Split('|'), _run.ErrorLines);
        Assert.Empty(_run.Output);
    }

    [Fact]
    public async Task A_file_whose_name_begins_with_a_dash_can_be_named_behind_a_double_dash()
    {
        Assert.Equal(1, await _run.RunAsync("policy", "check", "--", "-a.json"));

        Assert.Equal(["relay: -a.json: no such file"], _run.ErrorLines);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("queue list -h")]
    public async Task Help_is_printed_and_done(string words)
    {
        Assert.Equal(0, await _run.RunAsync(words.Split(' ')));

        Assert.Contains("Usage:", _run.Output);
        Assert.Contains("  relay", _run.Output);
        Assert.Empty(_run.Error);
    }

    [Fact]
    public async Task Help_of_every_json_option_says_what_it_prints()
    {
        Assert.Equal(0, await _run.RunAsync("queue", "list", "--help"));
        Assert.Contains("one JSON object a line", _run.Output);

        foreach (var command in new[] { "queue show", "policy check", "policy explain" })
        {
            Assert.Equal(0, await _run.RunAsync([.. command.Split(' '), "--help"]));
            Assert.Contains("Print one JSON document", _run.Output);
        }
    }
}

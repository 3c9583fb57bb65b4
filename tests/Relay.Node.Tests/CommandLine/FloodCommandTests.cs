using Relay.Node.CommandLine;

namespace Relay.Node.Tests.CommandLine;

public sealed class FloodCommandTests : IDisposable
{
    private readonly CommandRun _command = new();

    [Theory]
    [InlineData("192.0.2.1:25")]
    [InlineData("[2001:db8::1]:25")]
    [InlineData("127.0.0.1:25,192.0.2.1:25")]
    [InlineData("0.0.0.0:25")]
    public async Task A_target_that_is_not_on_loopback_is_refused(string target)
    {
        Assert.Equal(ExitCodes.Usage, await _command.RunAsync("flood", "baseline", "--target", target));
        Assert.Contains("is not on loopback", _command.Error, StringComparison.Ordinal);
        Assert.Contains("--i-own-this-host", _command.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.1:25", "is not how 127.0.0.1 is written")]
    [InlineData("127.0.0.1", "is not HOST:PORT")]
    [InlineData("127.0.0.1:0", "is not HOST:PORT")]
    [InlineData("127.0.0.1:65536", "is not HOST:PORT")]
    [InlineData(":25", "is not HOST:PORT")]
    public async Task A_target_is_a_host_and_a_port(string target, string problem)
    {
        Assert.Equal(ExitCodes.Usage, await _command.RunAsync("flood", "baseline", "--target", target));
        Assert.Contains(problem, _command.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_scenario_is_told_the_nearest_one()
    {
        Assert.Equal(ExitCodes.Usage, await _command.RunAsync("flood", "slow-loris"));
        Assert.Contains("\"slow-loris\" is no scenario: did you mean slowloris?", _command.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flood", "node-kill", "--target", "127.0.0.1:2525")]
    [InlineData("flood", "node-kill", "--nodes", "1")]
    [InlineData("flood", "baseline", "--local", "--target", "127.0.0.1:2525")]
    [InlineData("flood", "baseline", "--seconds", "0")]
    [InlineData("flood", "baseline", "--seconds", "3601")]
    [InlineData("flood", "baseline", "--attack-rate", "50001")]
    [InlineData("flood", "baseline", "--nodes", "10")]
    [InlineData("flood", "baseline", "--limit", "fast")]
    [InlineData("flood", "baseline", "--to", "nobody")]
    [InlineData("flood", "baseline", "--api", "127.0.0.1:8025")]
    [InlineData("flood")]
    public async Task What_cannot_be_is_a_wrong_command_line(params string[] arguments) =>
        Assert.Equal(ExitCodes.Usage, await _command.RunAsync(arguments));

    public void Dispose() => _command.Dispose();
}

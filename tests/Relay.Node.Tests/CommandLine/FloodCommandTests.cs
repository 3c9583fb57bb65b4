using System.Net;
using Relay.Flood.Sink;
using Relay.Node.CommandLine;
using Relay.TestKit.Smtp;

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
    [InlineData("flood", "baseline", "--burst", "10")]
    [InlineData("flood", "baseline", "--limit", "60/min", "--burst", "-1")]
    [InlineData("flood", "baseline", "--spool-share", "-1")]
    [InlineData("flood", "baseline", "--spool-share", "0")]
    [InlineData("flood", "baseline", "--data", "nowhere/at/all")]
    [InlineData("flood", "baseline", "--to", "nobody")]
    [InlineData("flood", "baseline", "--api", "127.0.0.1:8025")]
    [InlineData("flood")]
    public async Task What_cannot_be_is_a_wrong_command_line(params string[] arguments) =>
        Assert.Equal(ExitCodes.Usage, await _command.RunAsync(arguments));

    [Theory]
    [InlineData("nowhere/page.html")]
    [InlineData(".")]
    public async Task A_page_that_cannot_be_written_is_told_before_anything_is_sent(string page)
    {
        await using var target = ScriptedServer.Start(_ => Task.CompletedTask);
        Assert.Equal(ExitCodes.Usage, await FloodAsync(target.EndPoint, page));
        Assert.StartsWith("relay: --html: ", _command.Error, StringComparison.Ordinal);
        Assert.Equal(0, target.Connections);
    }

    [Fact]
    public async Task A_report_is_printed_also_when_its_page_cannot_be_written_after_all()
    {
        await using var target = ScriptedServer.Start(_ => Task.CompletedTask);
        Assert.Equal(ExitCodes.Failed, await FloodAsync(target.EndPoint, "/dev/full"));
        Assert.StartsWith("relay: ", _command.Error, StringComparison.Ordinal);
        Assert.Contains("FAIL  baseline: goodput", _command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_takes_the_place_of_an_older_one()
    {
        _command.Write("page.html", "old".PadRight(1 << 20));
        await using var target = SmtpSink.Start(new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) });
        await FloodAsync(target.BoundEndPoint, "page.html");
        var page = await File.ReadAllTextAsync(Path.Combine(_command.Folder, "page.html"));
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.EndsWith("</body></html>\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_fails_whose_attack_the_target_does_not_understand()
    {
        await using var target = SmtpSink.Start(new SinkSettings { Listen = new IPEndPoint(IPAddress.Loopback, 0) });
        Assert.Equal(ExitCodes.Failed, await FloodAsync(target.BoundEndPoint, "page.html", "auth-guess"));
        Assert.Contains("FAIL  attack: 0 attempts got through", _command.Output, StringComparison.Ordinal);
        await FloodAsync(target.BoundEndPoint, "page.html", "connection-churn");
        Assert.Contains("pass  attack: ", _command.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_that_is_interrupted_says_so_and_leaves_no_file_and_the_older_page()
    {
        _command.Write("old.html", "old");
        foreach (var page in new[] { "old.html", "new.html" })
        {
            using var interrupt = new CancellationTokenSource();
            await using var target = ScriptedServer.Start(_ => interrupt.CancelAsync());
            Assert.Equal(ExitCodes.Interrupted, await FloodAsync(target.EndPoint, page, interrupt: interrupt.Token));
            Assert.Equal(["relay: interrupted: only scenarios that had ended are reported"], _command.ErrorLines);
            Assert.Empty(_command.Output);
        }

        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(_command.Folder, "old.html")));
        Assert.False(File.Exists(Path.Combine(_command.Folder, "new.html")));
    }

    [Fact]
    public async Task Scenarios_that_had_ended_before_an_interruption_are_reported()
    {
        using var interrupt = new CancellationTokenSource();
        await using var target = ScriptedServer.Start(async peer =>
        {
            await peer.SendAsync("220 hop.example\r\n");
            if ((await peer.ReadLineAsync()).Contains("attacker", StringComparison.Ordinal))
            {
                await interrupt.CancelAsync();
            }
        });
        Assert.Equal(ExitCodes.Interrupted, await FloodAsync(target.EndPoint, "page.html", "all", seconds: 4, interrupt.Token));
        Assert.Contains("\nFAIL  baseline: goodput", _command.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pipelined-mail", _command.Output, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"baseline\">", await File.ReadAllTextAsync(Path.Combine(_command.Folder, "page.html")), StringComparison.Ordinal);
    }

    public void Dispose() => _command.Dispose();

    private Task<int> FloodAsync(IPEndPoint target, string page, string scenario = "baseline", int seconds = 1, CancellationToken interrupt = default)
    {
        string[] arguments =
        [
            "flood", scenario, "--target", target.ToString(), "--html", page, "--warm-up", "0", "--seconds", $"{seconds}", "--recovery", "1", "--legit-rate", "20",
        ];
        return _command.RunAsync(arguments, new StringWriter(), interrupt);
    }
}

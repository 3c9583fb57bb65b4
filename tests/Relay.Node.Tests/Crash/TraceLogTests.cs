using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

/// <summary>The log of the program itself: what tells the life of a message.</summary>
public sealed class TraceLogTests
{
    [Fact]
    public async Task The_id_of_the_250_begins_every_line_of_the_message()
    {
        var folder = Directory.CreateTempSubdirectory("relay-trace-").FullName;
        await using var mail = ReceivedMail.Start();
        await File.WriteAllTextAsync(Path.Combine(folder, "policy.json"), RunningNode.PolicyTo(mail.Sink.BoundEndPoint));
        string id;
        await using var relay = await RelayProcess.StartAsync(
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={folder}/policy.json", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0");
        await using (var client = await SmtpTestClient.GreetAsync(relay.Smtp, "me.example"))
        {
            var reply = await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray());
            id = reply.MustBe(250).Text.Split(' ')[^1];
        }

        await mail.NextAsync();
        Assert.Equal(0, await relay.TerminateAsync());
        var lines = relay.Output.Split('\n').Where(line => line.Contains(id, StringComparison.Ordinal)).ToArray();
        Assert.All(lines, line => Assert.Matches($"^[0-9T:.+-]+ INF {id} ", line));
        var accepted = Assert.Single(lines, line => line.Contains($" {id} accepted ", StringComparison.Ordinal));
        Assert.Contains("from=<a@b.example> recipients=1 ", accepted, StringComparison.Ordinal);
        Assert.Contains("client=127.0.0.1 helo=\"me.example\" ", accepted, StringComparison.Ordinal);
        Assert.Contains($" {id} delivered from=<a@b.example> to=<u@relay.example> ", Assert.Single(lines, line => line != accepted), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}

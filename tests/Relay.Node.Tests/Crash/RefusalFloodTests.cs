using System.Net;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

/// <summary>The log of the program itself, as a flood of refusals over many connections leaves it.</summary>
public sealed class RefusalFloodTests
{
    [Fact]
    public async Task Many_connections_of_one_client_fill_no_more_of_the_log_than_one()
    {
        const int Connections = 60;
        const int Refusals = 5; // from the next one on the client waits for its replies
        var folder = Directory.CreateTempSubdirectory("relay-flood-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "policy.json"), """{ "acceptedDomains": ["relay.example"], "relay": { "never": ["10.0.0.0/8"] }, "penalty": { "refusals": 0 } }""");
        await using (var relay = await RelayProcess.StartAsync(
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={folder}/policy.json", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0"))
        {
            for (var i = 0; i < Connections; i++)
            {
                await using var client = await SmtpTestClient.GreetAsync(relay.Smtp, from: IPAddress.Parse("127.0.0.9"));
                (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
                for (var j = 0; j < Refusals; j++)
                {
                    (await client.CommandAsync($"RCPT TO:<n{i}-{j}@victim.example>")).MustBe(550);
                }
            }

            Assert.Equal(0, await relay.TerminateAsync());
            var lines = relay.Output.Split('\n').Where(line => line.Contains("refused", StringComparison.Ordinal)).ToArray();
            Assert.Equal(11, lines.Length);
            Assert.Contains("to=<n0-0@victim.example>", lines[0], StringComparison.Ordinal);
            Assert.Contains($"refused more={(Connections * Refusals) - 10} client=127.0.0.9 last-to=<n59-4@victim.example>", lines[^1].Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_refusal_says_what_was_known_when_it_was_made_and_nothing_else()
    {
        await using var relay = await RelayProcess.StartAsync(
            "run", "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0");
        await using (var client = await SmtpTestClient.ConnectAsync(relay.Smtp))
        {
            (await client.ReadReplyAsync()).MustBe(220);
            (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(503);
            (await client.CommandAsync("EHLO x")).MustBe(250);
            (await client.CommandAsync("MAIL FROM:<a@b@c>")).MustBe(501);
            (await client.CommandAsync("MAIL FROM:<>")).MustBe(250);
            (await client.CommandAsync("RCPT TO:<u@[127.0.0.1]>")).MustBe(550);
            (await client.CommandAsync("RCPT TO:<u@v@w>")).MustBe(501);
            (await client.CommandAsync("RCPT TO:<n@victim.example>")).MustBe(250);
            (await client.CommandAsync("DATA")).MustBe(354);
            await client.SendAsync("Subject: x\r\n\r\na bare\n end\r\n.\r\n");
            (await client.ReadReplyAsync()).MustBe(550);
        }

        Assert.Equal(0, await relay.TerminateAsync());
        var heads = relay.Output.Split('\n')
            .Where(line => line.Contains(" refused client=", StringComparison.Ordinal))
            .Select(line => line.Split(" refused ")[1].Split(" reply=")[0]);
        Assert.Equal(
            ["client=127.0.0.1", "client=127.0.0.1 helo=\"x\"", "client=127.0.0.1 helo=\"x\" from=<> to=<u@[127.0.0.1]>", "client=127.0.0.1 helo=\"x\" from=<>",
             "client=127.0.0.1 helo=\"x\" from=<> to=<n@victim.example>"],
            heads);
    }
}

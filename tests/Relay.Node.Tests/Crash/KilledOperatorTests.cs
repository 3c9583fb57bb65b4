using System.Net.Http.Headers;
using System.Net.Http.Json;
using Relay.Node.CommandLine.Api;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

/// <summary>What an operator was told is done is done, though the process is killed in the same moment.</summary>
public sealed class KilledOperatorTests
{
    [Fact]
    public async Task What_was_answered_as_done_is_done_after_a_kill()
    {
        var folder = Directory.CreateTempSubdirectory("relay-operator-").FullName;
        var policy = Path.Combine(folder, "policy.json");
        await File.WriteAllTextAsync(policy, $$"""
            { "relay": { "networks": ["127.0.0.0/8"] }, "delivery": { "retry": "1h" },
              "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:{{FreePort.Next()}}" } ] }
            """);
        string[] arguments =
        [
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={policy}", "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0", $"--Listeners:0:Address=127.0.0.1:{FreePort.Next()}",
        ];
        await using (var relay = await RelayProcess.StartAsync(arguments))
        {
            using var api = await ApiAsync(relay, folder);
            await using var client = await SmtpTestClient.GreetAsync(relay.Smtp);
            foreach (var sender in new[] { "held", "deleted", "returned" })
            {
                (await client.SendMessageAsync($"{sender}@s.example", ["u@d.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            }

            foreach (var (action, sender) in new[] { ("bounce", "returned"), ("delete", "deleted"), ("hold", "held") })
            {
                using var done = await api.PostAsJsonAsync($"/api/queue/{action}", new { sender = $"{sender}@s.example", reason = "a test" });
                Assert.Equal(1, (await done.Content.ReadFromJsonAsync<ChangeAnswer>())!.Changed);
            }

            await relay.KillAsync();
        }

        await using (var relay = await RelayProcess.StartAsync(arguments))
        {
            using var api = await ApiAsync(relay, folder);
            var queue = (await api.GetFromJsonAsync<QueueAnswer>("/api/queue"))!;
            Assert.Equal("held", queue.Messages.Single(static message => message.Sender == "held@s.example").State);
            Assert.DoesNotContain(queue.Messages, static message => message.Sender == "deleted@s.example");
            Assert.DoesNotContain(queue.Messages, static message => message is { Sender: "returned@s.example", State: "queued" or "active" or "deferred" });
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<HttpClient> ApiAsync(RelayProcess relay, string folder)
    {
        var token = (await File.ReadAllTextAsync(Path.Combine(folder, "data", "admin.token"))).Trim();
        return new HttpClient { BaseAddress = relay.Admin, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }
}

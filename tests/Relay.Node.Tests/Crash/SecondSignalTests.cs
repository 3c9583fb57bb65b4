using System.Net.Http.Headers;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

public sealed class SecondSignalTests
{
    // 128 + SIGTERM: ended by the signal, not by the program.
    private const int EndedBySigterm = 143;

    [Fact]
    public async Task A_second_signal_ends_the_drain_at_once_and_the_mail_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("relay-signal-").FullName;
        var policy = Path.Combine(folder, "policy.json");
        await File.WriteAllTextAsync(policy, RunningNode.PolicyTo(new(System.Net.IPAddress.Loopback, FreePort.Next()), retry: "1h"));
        string[] arguments =
        [
            "run", $"--Node:DataDirectory={folder}/data", "--Node:DrainTime=1h", $"--PolicyFile={policy}", "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0",
        ];
        await using (var relay = await RelayProcess.StartAsync(arguments))
        {
            await using var idle = await SmtpTestClient.GreetAsync(relay.Smtp);
            await using var busy = await SmtpTestClient.GreetAsync(relay.Smtp);
            (await busy.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            (await busy.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
            relay.Signal();
            (await idle.ReadReplyAsync()).MustBe(421);
            Assert.Equal(EndedBySigterm, await relay.TerminateAsync());
        }

        await using (var next = await RelayProcess.StartAsync(arguments))
        {
            using var http = new HttpClient { BaseAddress = next.Admin };
            var token = (await File.ReadAllTextAsync($"{folder}/data/admin.token")).Trim();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            Assert.Contains("\"total\":1", await http.GetStringAsync("/api/queue"), StringComparison.Ordinal);
            Assert.Equal(0, await next.TerminateAsync());
        }

        Directory.Delete(folder, recursive: true);
    }
}

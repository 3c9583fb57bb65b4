using System.Globalization;
using Relay.Node.Tests.Crash;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>The log has a small file system of its own, and that is full.</summary>
[Trait("Category", "Interop")]
public sealed class FullLogTests : IDisposable
{
    private const int ImageBytes = 4 << 20;
    private const int Messages = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-fulllog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [InteropFact("unshare", "mount", NeedsRoot = true)]
    public async Task Mail_goes_on_without_a_log_and_what_is_missing_in_it_is_told()
    {
        await using var mail = ReceivedMail.Start();
        var disk = Path.Combine(_folder, "disk");
        Directory.CreateDirectory(disk);
        var policy = Path.Combine(_folder, "policy.json");
        await File.WriteAllTextAsync(policy, RunningNode.PolicyTo(mail.Sink.BoundEndPoint));
        await using var relay = await RelayProcess.StartInMemoryAsync(
            ImageBytes, disk, "run", $"--Node:DataDirectory={_folder}/data", $"--Log:Directory={disk}/log", $"--PolicyFile={policy}",
            "--Listeners:0:Address=127.0.0.1:0", "--Admin:Address=127.0.0.1:0", "--Dns:Servers=127.0.0.1:53");
        var seen = Path.Combine(relay.Root, disk[1..]);
        await SendAsync(relay, mail, 1);
        await Eventually.TrueAsync(() => LogOf(seen).Contains(" accepted ", StringComparison.Ordinal));

        var ballast = Path.Combine(seen, "ballast");
        Assert.Throws<IOException>(() => Fill(ballast));
        await SendAsync(relay, mail, Messages);
        await Eventually.TrueAsync(async () => await AnswerAsync(relay, "/health/ready") is var health && health.Contains("the log mail loses lines: ", StringComparison.Ordinal));
        Assert.DoesNotContain("relay_log_lines_lost_total{log=\"mail\"} 0\n", await AnswerAsync(relay, "/metrics"), StringComparison.Ordinal);

        File.Delete(ballast);
        await Eventually.TrueAsync(() => LogOf(seen).Contains(" lines were lost: No space left on device", StringComparison.Ordinal), () => LogOf(seen));
        await SendAsync(relay, mail, 1);
        Assert.Equal(0, await relay.TerminateAsync());
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        for (var written = 0; written <= ImageBytes; written += 512)
        {
            file.Write(new byte[512]);
        }
    }

    private static async Task SendAsync(RelayProcess relay, ReceivedMail mail, int messages)
    {
        await using var client = await SmtpTestClient.GreetAsync(relay.Smtp);
        for (var i = 0; i < messages; i++)
        {
            (await client.SendMessageAsync("a@b.example", [string.Create(CultureInfo.InvariantCulture, $"u{i}@relay.example")], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            await mail.NextAsync();
        }
    }

    private static string LogOf(string disk) => File.ReadAllText(Path.Combine(disk, "log", "mail.log"));

    private static async Task<string> AnswerAsync(RelayProcess relay, string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(relay.Admin, path));
    }
}

using System.Globalization;
using System.Net;
using System.Text;
using Relay.Node.Tests.Crash;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

/// <summary>A small file system of the kernel's own that runs full.</summary>
[Trait("Category", "Interop")]
public sealed class FullDiskTests : IDisposable
{
    private const int Megabytes = 1 << 20;
    private const int ImageMegabytes = 80;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [InteropFact("unshare", "mount", "mkfs.ext4", NeedsRoot = true)]
    public async Task A_disk_that_fills_up_is_a_452_in_time_and_clears_by_itself()
    {
        var port = FreePort.Next();
        await using var relay = await StartAsync(port);
        var accepted = new HashSet<string>();
        TestReply reply;
        var seen = 0.0;
        while ((reply = await OfferAsync(relay, accepted.Count)).Code == 250)
        {
            accepted.Add($"n{accepted.Count}");
            Assert.InRange(accepted.Count, 1, ImageMegabytes * 4);
            if (accepted.Count >= ImageMegabytes && accepted.Count % 4 == 0)
            {
                // No faster than the node looks at its spool: it would pass over a level unseen.
                var before = seen;
                await Eventually.TrueAsync(async () => (seen = await FigureAsync(relay, "relay_pressure_signal{", "signal=\"spool\"")) > before);
            }
        }

        // Every mail is another network's, so that no share ends it, and the disk has room still.
        Assert.Equal((452, "4.3.1"), (reply.Code, reply.Text[..5]));

        Assert.InRange(accepted.Count, ImageMegabytes, ImageMegabytes * 4);
        Assert.InRange(await PressureAsync(relay), 2, 3);
        await Eventually.TrueAsync(() => relay.Output.Contains("pressure: High", StringComparison.Ordinal), () => relay.Output);

        await using var mail = ReceivedMail.Start(port: port);
        for (var i = accepted.Count; i > 0; i--)
        {
            Assert.True(accepted.Remove(Assert.Single((await mail.NextAsync()).Envelope.Recipients).Path.LocalPart.ToString()));
        }

        await Eventually.TrueAsync(async () => await PressureAsync(relay) == 0);
        (await OfferAsync(relay, 9999)).MustBe(250);
        Assert.Equal("n9999@relay.example", Assert.Single((await mail.NextAsync()).Envelope.Recipients).Path.Text);
        Assert.Equal(0, await relay.TerminateAsync());
        Assert.Contains("pressure: Normal", relay.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("failed", relay.Output, StringComparison.Ordinal); // nothing was tried for which there was no room
    }

    private async Task<RelayProcess> StartAsync(int port)
    {
        var (image, disk) = (Path.Combine(_folder, "disk.img"), Path.Combine(_folder, "disk"));
        Directory.CreateDirectory(disk);
        await using (var file = File.Create(image))
        {
            file.SetLength(ImageMegabytes * Megabytes);
        }

        Assert.Equal(0, (await ForeignProgram.RunAsync("mkfs.ext4", "-q", image)).ExitCode);
        var policy = Path.Combine(_folder, "policy.json");
        await File.WriteAllTextAsync(policy, RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port)));
        return await RelayProcess.StartOnAsync(
            image, disk, "run", $"--Node:DataDirectory={disk}/data", $"--PolicyFile={policy}",
            "--Listeners:0:Address=127.0.0.1:0", "--Admin:Address=127.0.0.1:0", "--Dns:Servers=127.0.0.1:53");
    }

    private static async Task<int> PressureAsync(RelayProcess relay) => (int)await FigureAsync(relay, "relay_pressure_level", "");

    private static async Task<double> FigureAsync(RelayProcess relay, string name, string label)
    {
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(relay.Admin, "/metrics"));
        var line = metrics.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1], CultureInfo.InvariantCulture);
    }

    private static async Task<TestReply> OfferAsync(RelayProcess relay, int number)
    {
        await using var client = await SmtpTestClient.GreetAsync(relay.Smtp, from: new IPAddress([127, (byte)(1 + (number / 250)), (byte)(number % 250), 1]));
        var reply = await client.CommandAsync($"MAIL FROM:<a@s{number}.example>");
        if (reply.Code != 250)
        {
            return reply;
        }

        (await client.CommandAsync($"RCPT TO:<n{number}@relay.example>")).MustBe(250);
        reply = await client.CommandAsync("DATA");
        if (reply.Code != 354)
        {
            return reply;
        }

        await client.SendAsync(StuffedContent.Of(Encoding.ASCII.GetBytes(
            "Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", Megabytes / 4 / 64)))));
        return await client.ReadReplyAsync();
    }
}

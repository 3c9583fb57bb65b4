using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Crash;

public sealed class OpenFilesTests
{
    // 608 are the node's own, 64 the spool's; a quarter of the other 64 is for deliveries.
    private const int OpenFiles = 736;
    private const int Fitting = 48;
    private const int Clients = 600;
    private const int ClientsPerNetwork = 15;

    [Fact]
    public async Task A_node_with_few_open_files_refuses_strangers_that_do_not_fit_and_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("relay-files-").FullName;
        await using (var relay = await RelayProcess.StartLimitedAsync(OpenFiles, Arguments(folder)))
        {
            var strangers = new List<Socket>();
            var greeted = 0;
            for (var i = 0; i < Clients; i++)
            {
                var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                strangers.Add(stranger);
                stranger.Bind(new IPEndPoint(new IPAddress([127, 60, (byte)(i / ClientsPerNetwork), (byte)((i % ClientsPerNetwork) + 1)]), 0));
                await stranger.ConnectAsync(relay.Smtp);
            }

            foreach (var stranger in strangers)
            {
                greeted += await CodeAsync(stranger) == "220" ? 1 : 0;
            }

            Assert.Equal(Fitting, greeted);
            using var http = new HttpClient { BaseAddress = relay.Admin };
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/live")).StatusCode);
            Assert.Contains($"open files: {OpenFiles} are room for {Fitting} SMTP connections", relay.Output, StringComparison.Ordinal);

            strangers.ForEach(static stranger => stranger.Dispose());
            await using var client = await FirstLetInAsync(relay.Smtp);
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            Assert.Equal(0, await relay.TerminateAsync());
            Assert.Contains("limit=\"open files\" last-client=127.60.", relay.Output, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_node_that_has_open_files_for_no_clients_does_not_start_and_says_what_it_needs()
    {
        var folder = Directory.CreateTempSubdirectory("relay-files-").FullName;
        var (code, output) = await RelayProcess.RunLimitedAsync(600, Arguments(folder));
        Assert.Equal(1, code);
        Assert.Contains("may have 600 files open", output, StringComparison.Ordinal);
        Assert.Contains("needs 714", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Arguments(string folder)
    {
        var policy = Path.Combine(folder, "policy.json");
        File.WriteAllText(policy, $$"""
            {
              "acceptedDomains": ["relay.example"],
              "routes": [ { "domain": "*", "to": "smtp://127.0.0.1:{{FreePort.Next()}}" } ]
            }
            """);
        return
        [
            "run", $"--Node:DataDirectory={folder}/data", $"--PolicyFile={policy}", "--Spool:QuotaBytes=256 MiB",
            "--Admin:Address=127.0.0.1:0", "--Listeners:0:Address=127.0.0.1:0",
        ];
    }

    private static async Task<string> CodeAsync(Socket stranger)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var code = new byte[3];
        try
        {
            var length = await stranger.ReceiveAsync(code, SocketFlags.None, patience.Token);
            return Encoding.ASCII.GetString(code, 0, length);
        }
        catch (SocketException)
        {
            return "cut";
        }
    }

    // The node notices one after another that the strangers have gone.
    private static async Task<SmtpTestClient> FirstLetInAsync(IPEndPoint smtp)
    {
        while (true)
        {
            var client = await SmtpTestClient.ConnectAsync(smtp);
            if ((await client.ReadReplyAsync()).Code == 220)
            {
                (await client.CommandAsync("EHLO client.example")).MustBe(250);
                return client;
            }

            await client.DisposeAsync();
        }
    }
}

using System.Net;
using System.Text;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Interop;

[Trait("Category", "Interop")]
public sealed class NextHopTests
{
    [InteropFact("smtp-sink")]
    public async Task Postfixs_smtp_sink_takes_what_we_deliver()
    {
        var folder = Directory.CreateTempSubdirectory("relay-smtp-sink-").FullName;
        var port = FreePort.Next();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111); // for whoever the sink becomes
        }

        await using var sink = ForeignProgram.Start("smtp-sink", [.. AsNobody, "-d", $"{folder}/%M.", $"127.0.0.1:{port}", "64"]);
        await sink.UntilListeningAsync(new IPEndPoint(IPAddress.Loopback, port));
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port)));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < 20; i++)
        {
            (await client.SendMessageAsync("a@b.example", ["u@relay.example"], Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\n.dot {i}\r\n"))).MustBe(250);
        }

        await node.EmptyAsync();
        var files = Directory.GetFiles(folder).Select(File.ReadAllText).ToArray();
        Assert.Equal(20, files.Length);
        for (var i = 0; i < 20; i++)
        {
            Assert.Single(files, text => text.Contains($"Subject: {i}\n", StringComparison.Ordinal) && text.Contains($"\n.dot {i}\n", StringComparison.Ordinal));
        }

        Directory.Delete(folder, recursive: true);
    }

    [InteropFact("smtp-sink")]
    public async Task A_sink_without_pipelining_and_without_EHLO_takes_it_too()
    {
        foreach (var option in new[] { "-p", "-e" })
        {
            var port = FreePort.Next();
            await using var sink = ForeignProgram.Start("smtp-sink", [.. AsNobody, option, $"127.0.0.1:{port}", "64"]);
            await sink.UntilListeningAsync(new IPEndPoint(IPAddress.Loopback, port));
            await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port)));
            await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
            (await client.SendMessageAsync("a@b.example", ["u@relay.example", "v@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            await node.EmptyAsync();
        }
    }

    [InteropFact("/usr/lib/python3/dist-packages/aiosmtpd/controller.py")]
    public async Task Aiosmtpd_takes_what_we_deliver_byte_for_byte()
    {
        var folder = Directory.CreateTempSubdirectory("relay-aiosmtpd-").FullName;
        var port = FreePort.Next();
        // Debian's own interpreter: its packages are not another's.
        await using var server = ForeignProgram.Start(
            "/usr/bin/python3",
            "-c",
            $"""
            import asyncio, os
            from aiosmtpd.controller import Controller
            class Keep:
                async def handle_DATA(self, server, session, envelope):
                    with open(os.path.join("{folder}", "part"), "wb") as f:
                        f.write(envelope.original_content)
                    os.rename(os.path.join("{folder}", "part"), os.path.join("{folder}", envelope.rcpt_tos[0]))
                    return "250 kept"
            c = Controller(Keep(), hostname="127.0.0.1", port={port}, decode_data=False, enable_SMTPUTF8=True)
            c.start()
            asyncio.new_event_loop().run_forever()
            """);
        await server.UntilListeningAsync(new IPEndPoint(IPAddress.Loopback, port));
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, port)));
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var content = Encoding.UTF8.GetBytes("Subject: dots\r\n\r\n.\r\n..\r\n...x\r\nGr\u00fc\u00dfe\r\n\r\n");
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], content)).MustBe(250);
        await node.EmptyAsync();
        var kept = await File.ReadAllBytesAsync(Path.Combine(folder, "u@relay.example"));
        Assert.Equal(content, kept[^content.Length..]);
        Assert.StartsWith("Received: from client.example ", Encoding.ASCII.GetString(kept[..^content.Length]), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // Started by root it insists on being somebody else.
    private static string[] AsNobody => Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
}

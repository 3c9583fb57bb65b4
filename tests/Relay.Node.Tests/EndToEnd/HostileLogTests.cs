using System.Text;
using System.Text.RegularExpressions;
using Relay.Node.Settings;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What strangers and next hops say in the hope that somebody reads the log in a terminal, or by a program.</summary>
public sealed partial class HostileLogTests
{
    private const string Forged = "2026-01-01T00:00:00.000+00:00 INF forged";

    [Fact]
    public async Task Every_line_of_the_log_is_one_of_ours_whatever_others_say()
    {
        await using var hop = ScriptedServer.Start(static async peer =>
        {
            await peer.AnswerAsync("250 hop.example", "250 Ok", $"550 5.1.1 \u001b[2J\u2028{Forged}\u0085{Forged}", "221 Bye");
        });
        string mail;
        await using (var node = await RunningNode.StartAsync(
            RunningNode.PolicyTo(hop.EndPoint),
            static settings => settings with { Log = new LogSection { Directory = Path.Combine(settings.Node.DataDirectory, "log") } }))
        {
            var folder = Path.Combine(node.DataDirectory, "log");
            string[][] talks =
            [
                [$"EHLO \u001b[2J{Forged}"], [$"EHLO x\r{Forged}"], [$"MAIL FROM:<\"\u001b[2J\u2028{Forged}\"@a.example> SMTPUTF8"],
                [$"MAIL FROM:<\"\u2028{Forged}\"@a.example> SMTPUTF8", $"RCPT TO:<\"\u2028\u202e{Forged}\"@relay.example>", $"RCPT TO:<u@\u2028{Forged}>"],
                [$"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0\u001b[2J\u2028{Forged}\0x"))}"],
            ];
            foreach (var talk in talks)
            {
                await using var stranger = await SmtpTestClient.GreetAsync(node.Smtp);
                foreach (var line in talk)
                {
                    await stranger.SendLineAsync(line);
                }

                await stranger.SendLineAsync("QUIT");
                await stranger.ReadToEndAsync();
            }

            await using (var client = await SmtpTestClient.GreetAsync(node.Smtp))
            {
                (await client.SendMessageAsync("", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            }

            await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "mail.log")) && File.ReadAllText(Path.Combine(folder, "mail.log")).Contains(" destination=", StringComparison.Ordinal));
            await node.StopAsync();
            // The log has a thread of its own, which ends with the node.
            await Eventually.TrueAsync(() => File.ReadAllText(Path.Combine(folder, "node.log")).Contains("stopped: ", StringComparison.Ordinal));
            mail = await File.ReadAllTextAsync(Path.Combine(folder, "mail.log"));
        }

        Assert.Contains(" refused ", mail, StringComparison.Ordinal);
        var lines = mail.TrimEnd('\n').Split('\n');
        Assert.All(lines, static line => Assert.Matches(Line(), line));
        Assert.DoesNotContain(lines, static line => line.StartsWith(Forged, StringComparison.Ordinal));
    }

    // No control character, no separator of lines, nothing that turns text around.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d [A-Z]{3} [^\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+$")]
    private static partial Regex Line();
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit.Smtp;
using Xunit.Abstractions;

namespace Relay.Node.Tests.Interop;

/// <summary>A real HAProxy in front of three nodes: whom they see, what they count, and what becomes of mail while nodes come and go.</summary>
[Trait("Category", "Interop")]
public sealed partial class LocalClusterTests : IClassFixture<LocalCluster>
{
    private readonly LocalCluster _cluster;
    private readonly ITestOutputHelper _output;

    public LocalClusterTests(LocalCluster cluster, ITestOutputHelper output)
    {
        _cluster = cluster;
        _output = output;
    }

    [InteropFact("haproxy")]
    public async Task One_command_starts_it_and_does_nothing_when_it_runs()
    {
        Assert.True(_cluster.Start.ExitCode == 0, _cluster.Start.Output);
        string[] names = ["node-1", "node-2", "node-3", "haproxy"];
        var before = names.Select(_cluster.ProcessOf).ToArray();
        var (code, output) = await _cluster.RunAsync("up");
        Assert.True(code == 0, output);
        Assert.Equal(before, names.Select(_cluster.ProcessOf));
        (code, output) = await _cluster.RunAsync("status");
        Assert.True(code == 0, output);
        Assert.Equal(3, Ready().Count(output));
    }

    [InteropFact("haproxy", "swaks")]
    public async Task Every_node_sees_the_client_and_not_the_balancer()
    {
        var nodes = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            var client = LocalCluster.Friends[1 + (i % 4)].ToString();
            var (code, output) = await SwaksAsync(client, $"seen-{i}@elsewhere.example");
            Assert.True(code == 0, output);
            var received = ReceivedMail.Split(await _cluster.ArrivesAsync($"seen-{i}")).Received;
            Assert.Contains($" ([{client}])", received, StringComparison.Ordinal);
            nodes.Add(By().Match(received).Groups[1].Value);
        }

        Assert.Equal(["node-1.relay.example", "node-2.relay.example", "node-3.relay.example"], nodes.Order());

        // Who may not relay may not behind the balancer either, though the balancer's own address may by the policy.
        var refused = await SwaksAsync("127.0.0.60", "n@victim.example");
        Assert.Equal(24, refused.ExitCode);
        Assert.Contains("550 5.7.1 Relaying denied: from you", refused.Output, StringComparison.Ordinal);
        await LocalCluster.UntilAsync(() => Logs().Contains("refused client=127.0.0.60", StringComparison.Ordinal), "the refusal's line");
        Assert.Contains("client=127.0.0.41", Logs(), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.2 ", Logs(), StringComparison.Ordinal);
    }

    [InteropFact("haproxy", "smtp-source")]
    public async Task A_flood_goes_to_all_nodes_and_all_of_it_arrives()
    {
        const int Count = 300;
        var (code, output) = await ForeignProgram.RunAsync(
            "smtp-source", "-s", "10", "-m", Count.ToString(CultureInfo.InvariantCulture), "-N", "-l", "2048",
            "-f", "a@b.example", "-t", "flood@relay.example", _cluster.Balancer.ToString());
        Assert.True(code == 0, output);
        await LocalCluster.UntilAsync(() => Flood().Count() >= Count, "the flood");
        var from = Flood().GroupBy(static received => By().Match(received).Groups[1].Value).ToDictionary(static node => node.Key, static node => node.Count());
        Assert.Equal(Count, from.Values.Sum());
        Assert.Equal(3, from.Count);
        Assert.All(from.Values, count => Assert.InRange(count, Count / 6, Count / 2));

        IEnumerable<string> Flood() => _cluster.Arrived
            .Where(static message => message.Envelope.Recipients[0].Path.LocalPart.EndsWith("flood", StringComparison.Ordinal))
            .Select(static message => ReceivedMail.Split(message).Received);
    }

    [InteropFact("haproxy")]
    public async Task Connections_are_limited_by_client()
    {
        // Two of one client on each node, and HAProxy goes round.
        var clients = new List<SmtpTestClient>();
        for (var i = 0; i < 6; i++)
        {
            clients.Add(await SmtpTestClient.GreetAsync(_cluster.Balancer, from: System.Net.IPAddress.Parse("127.0.0.61")));
        }

        await using var seventh = await SmtpTestClient.ConnectAsync(_cluster.Balancer, System.Net.IPAddress.Parse("127.0.0.61"));
        Assert.Equal("4.7.0 Too many connections (connections.perClient), try again later", (await seventh.ReadReplyAsync()).MustBe(421).Text);
        await using var other = await SmtpTestClient.GreetAsync(_cluster.Balancer, from: System.Net.IPAddress.Parse("127.0.0.62"));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [InteropFact("haproxy")]
    public async Task Checks_of_SMTP_and_of_an_open_port_are_passed_and_leave_nothing_in_the_log()
    {
        using var folder = new ServerFolder("haproxy");
        var servers = string.Join('\n', _cluster.Nodes.Select(static (node, i) => $"    server node-{i} {node}"));
        await folder.WriteAsync("haproxy.cfg", $$"""
            global
                stats socket {{folder["socket"]}}
            defaults
                mode tcp
                timeout connect 5s
                timeout client 5s
                timeout server 5s
            backend smtp
                option smtpchk EHLO balancer.example
                default-server check send-proxy-v2 inter 1s fall 1 rise 3
                source 127.0.0.2
            {{servers}}
            backend port
                default-server check no-check-send-proxy inter 1s fall 1 rise 3
                source 127.0.0.2
            {{servers}}

            """);
        var before = Logs();
        await using (ForeignProgram.Start("haproxy", "-db", "-f", folder["haproxy.cfg"]))
        {
            await LocalCluster.UntilAsync(() => StatesOf(folder["socket"]).Count(static state => state is "L7OK" or "L4OK") == 6, "checks of all servers");
            Assert.Equal(["L4OK", "L4OK", "L4OK", "L7OK", "L7OK", "L7OK"], StatesOf(folder["socket"]).Order());
        }

        var since = Logs().Length == before.Length ? "" : Logs();
        Assert.DoesNotContain("127.0.0.2", since, StringComparison.Ordinal);
        Assert.DoesNotContain("balancer.example", since, StringComparison.Ordinal);
    }

    // As often as RELAY_ROLL_ROUNDS says, for bench/soak.sh --rolling; once without it.
    [InteropFact("haproxy", "smtp-source")]
    public async Task Nodes_that_are_restarted_one_after_another_cost_no_mail_and_no_transaction()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("RELAY_ROLL_ROUNDS") ?? "1", CultureInfo.InvariantCulture);
        await using var load = new BalancedLoad(_cluster.Balancer, "roll");
        await using var plain = new PlainLoad(_cluster.Balancer, "plain");
        await load.MoreAsync(50);
        for (var round = 0; round < rounds; round++)
        {
            var (code, output) = await _cluster.RunAsync("roll");
            Assert.True(code == 0, output);
            await load.MoreAsync(50);
        }

        await load.StopAsync();
        await plain.StopAsync();
        _output.WriteLine($"{rounds * 3} restarts: {load.AcceptedCount} and {plain.Accepted} mails, {load.Drained} and {plain.Drained} connections told 421 before a mail");
        Assert.Empty(load.Failures);
        Assert.Empty(plain.Failures);
        await ArriveOnceAsync(load, duplicatesMax: 0);
        await LocalCluster.UntilAsync(() => _cluster.TimesOf("plain") >= plain.Accepted, "all mail of smtp-source");
        Assert.Equal(plain.Accepted, _cluster.TimesOf("plain"));
    }

    [InteropFact("haproxy")]
    public async Task Mail_flows_on_when_a_node_is_killed_and_nothing_that_got_a_250_is_lost()
    {
        await using var load = new BalancedLoad(_cluster.Balancer, "kill");
        await load.MoreAsync(50);
        using (var killed = Process.GetProcessById(_cluster.ProcessOf("node-2")))
        {
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        await load.MoreAsync(100);
        var (code, output) = await _cluster.RunAsync("status");
        Assert.True(code == 1, output);
        (code, output) = await _cluster.RunAsync("up");
        Assert.True(code == 0, output);
        await load.MoreAsync(50);
        await load.StopAsync();

        // Whoever talked to the dead node lost the connection, and no more than that: eight clients, and what they tried before HAProxy noticed.
        Assert.InRange(load.Failures.Count(), 0, 40);
        await ArriveOnceAsync(load, duplicatesMax: 400);
    }

    private async Task ArriveOnceAsync(BalancedLoad load, int duplicatesMax)
    {
        await LocalCluster.UntilAsync(() => load.Accepted.All(id => _cluster.TimesOf(id) > 0), "all accepted mail");
        Assert.InRange(load.Accepted.Sum(id => _cluster.TimesOf(id) - 1), 0, duplicatesMax);
    }

    private Task<(int ExitCode, string Output)> SwaksAsync(string client, string to) => ForeignProgram.RunAsync(
        "swaks", "--server", "127.0.0.1", "--port", _cluster.Balancer.Port.ToString(CultureInfo.InvariantCulture), "--local-interface", client,
        "--from", "a@b.example", "--to", to);

    private string Logs() => string.Concat(((string[])["node-1", "node-2", "node-3"]).Select(_cluster.LogOf));

    [GeneratedRegex("^node-[123] +ready ", RegexOptions.Multiline)]
    private static partial Regex Ready();

    [GeneratedRegex(@"\sby (\S+)")]
    private static partial Regex By();

    // The last check of each server, as HAProxy tells it: check_status in its table, which is comma-separated.
    private static string[] StatesOf(string socket)
    {
        using var haproxy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            haproxy.Connect(new UnixDomainSocketEndPoint(socket));
            haproxy.Send("show stat\n"u8);
            using var reader = new StreamReader(new NetworkStream(haproxy));
            var rows = reader.ReadToEnd().Split('\n').Select(static row => row.Split(',')).ToArray();
            var column = Array.IndexOf(rows[0], "check_status");
            return [.. rows.Where(row => row.Length > column && row[1].StartsWith("node-", StringComparison.Ordinal)).Select(row => row[column].TrimStart('*', ' '))]; // a star: the next one is on
        }
        catch (SocketException)
        {
            return []; // not there yet
        }
    }
}

using System.Diagnostics;
using System.Net;
using Relay.Node.Composition;
using Relay.Node.Settings;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

public sealed class DrainTests
{
    [Fact]
    public async Task A_stop_ends_idle_connections_politely_and_lets_a_mail_finish()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await using var idle = await SmtpTestClient.GreetAsync(node.Smtp);
        await using var busy = await SmtpTestClient.GreetAsync(node.Smtp);
        (await busy.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await busy.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await busy.CommandAsync("DATA")).MustBe(354);

        var stopped = node.StopAsync();
        Assert.StartsWith("4.3.2 ", (await idle.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.Empty(await idle.ReadToEndAsync());
        await busy.SendAsync("Subject: late\r\n\r\nx\r\n.\r\n");
        (await busy.ReadReplyAsync()).MustBe(250);
        (await busy.ReadReplyAsync()).MustBe(421);
        await stopped;
    }

    [Fact]
    public async Task Health_metrics_and_the_API_answer_until_the_last_mail_is_over()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        using var http = new HttpClient { BaseAddress = node.Api.BaseAddress };
        http.DefaultRequestHeaders.Authorization = node.Api.DefaultRequestHeaders.Authorization;
        await using var idle = await SmtpTestClient.GreetAsync(node.Smtp);
        await using var busy = await SmtpTestClient.GreetAsync(node.Smtp);
        (await busy.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);

        var stopped = node.StopAsync();
        (await idle.ReadReplyAsync()).MustBe(421);
        using var ready = await http.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("the node is draining", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/live")).StatusCode);
        Assert.Contains("relay_sessions", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/queue")).StatusCode);
        await using var late = await SmtpTestClient.ConnectAsync(node.Smtp);
        Assert.StartsWith("4.3.2 ", (await late.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.False(stopped.IsCompleted);

        (await busy.CommandAsync("RSET")).MustBe(250);
        (await busy.ReadReplyAsync()).MustBe(421);
        await stopped;
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/health/live"));
    }

    [Fact]
    public async Task Balancers_are_told_before_anybody_is_turned_away()
    {
        var notice = TimeSpan.FromSeconds(2);
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(
            RunningNode.PolicyTo(mail.Sink.BoundEndPoint), settings => settings with { Node = settings.Node with { DrainNotice = notice } });
        using var http = new HttpClient { BaseAddress = node.Api.BaseAddress };
        await using var idle = await SmtpTestClient.GreetAsync(node.Smtp);

        var started = Stopwatch.GetTimestamp();
        var stopped = node.StopAsync();
        while ((await http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK)
        {
            Assert.False(stopped.IsCompleted);
        }

        await using (var late = await SmtpTestClient.GreetAsync(node.Smtp))
        {
            (await late.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: late\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
            await mail.NextAsync(); // deliveries go on too
            (await late.CommandAsync("QUIT")).MustBe(221);
        }

        (await idle.CommandAsync("NOOP")).MustBe(250);
        (await idle.ReadReplyAsync()).MustBe(421);
        Assert.InRange(Stopwatch.GetElapsedTime(started), notice - TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
        await stopped;
    }

    [Fact]
    public void A_balancer_has_time_to_notice_without_any_setting()
    {
        var listener = new ListenerSettings();
        Assert.Equal(TimeSpan.Zero, new NodeSettings { Listeners = [listener] }.DrainNotice);
        var behind = new NodeSettings { Listeners = [listener, listener with { ProxyProtocol = new ProxyProtocolSection() }] };
        Assert.Equal(NodeSection.DrainNoticeBehindBalancer, behind.DrainNotice);
        Assert.Equal(TimeSpan.Zero, (behind with { Node = new NodeSection { DrainNotice = TimeSpan.Zero } }).DrainNotice);
    }

    [Fact]
    public async Task Whoever_does_not_come_to_an_end_is_told_between_commands_and_cut_in_the_content()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(mail.Sink.BoundEndPoint), drainTime: TimeSpan.FromSeconds(1));
        await using var busy = await SmtpTestClient.GreetAsync(node.Smtp);
        (await busy.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        await using var slow = await SmtpTestClient.GreetAsync(node.Smtp);
        (await slow.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await slow.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        (await slow.CommandAsync("DATA")).MustBe(354);

        var started = Stopwatch.GetTimestamp();
        await node.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), RelayNode.StopTime - TimeSpan.FromSeconds(5));
        Assert.StartsWith("4.3.2 ", (await busy.ReadReplyAsync()).MustBe(421).Text, StringComparison.Ordinal);
        Assert.Empty(await busy.ReadToEndAsync());
        Assert.Empty(await slow.ReadToEndAsync());
    }

    [Fact]
    public async Task A_stop_before_the_node_is_ready_is_no_failure()
    {
        var folder = Directory.CreateTempSubdirectory("relay-early-stop-").FullName;
        using var output = new StringWriter();
        var settings = new NodeSettings
        {
            Node = new NodeSection { Name = "test", HostName = "mx.relay.example", DataDirectory = folder },
            Listeners = [new ListenerSettings { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
            Admin = new AdminSection { Address = new IPEndPoint(IPAddress.Loopback, 0) },
        };
        Assert.Equal(0, await RelayNode.RunAsync(settings, output, new CancellationToken(canceled: true)));
        Assert.Equal("Stopped before it was ready." + Environment.NewLine, output.ToString());
        Directory.Delete(folder, recursive: true);
    }
}

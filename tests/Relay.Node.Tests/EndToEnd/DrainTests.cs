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
    public async Task A_client_that_does_not_come_to_an_end_is_cut_when_the_drain_time_is_over()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(RunningNode.PolicyTo(mail.Sink.BoundEndPoint), drainTime: TimeSpan.FromSeconds(1));
        await using var busy = await SmtpTestClient.GreetAsync(node.Smtp);
        (await busy.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);

        var started = Stopwatch.GetTimestamp();
        await node.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), RelayNode.StopTime - TimeSpan.FromSeconds(5));
        Assert.Empty(await busy.ReadToEndAsync());
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

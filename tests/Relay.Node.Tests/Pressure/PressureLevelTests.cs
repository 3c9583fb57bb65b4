using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Pressure;
using Relay.Node.Pressure;
using Relay.Node.Tests.EndToEnd;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.Pressure;

/// <summary>What a node says to clients at each level.</summary>
public sealed class PressureLevelTests
{
    private readonly SetProbes _probes = new(TimeProvider.System);

    [Fact]
    public async Task Strangers_are_told_to_wait_at_High_at_MAIL_and_before_354()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        (await client.CommandAsync("MAIL FROM:<a@b.example>")).MustBe(250);
        (await client.CommandAsync("RCPT TO:<u@relay.example>")).MustBe(250);
        await ReachAsync(node, PressureSignals.Spool, 85, PressureLevel.High);

        await Eventually.TrueAsync(async () => (await node.Api.GetStringAsync("/api/cluster")).Contains("\"pressure\":2", StringComparison.Ordinal));
        MustBeBusy(await client.CommandAsync("DATA"));
        MustBeBusy(await client.CommandAsync("MAIL FROM:<a@b.example>"));
        await using var other = await SmtpTestClient.GreetAsync(node.Smtp); // connections are let in
        MustBeBusy(await other.CommandAsync("MAIL FROM:<a@b.example>"));
        Assert.Equal(HttpStatusCode.OK, (await node.Api.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode); // there is no other node

        await ReachAsync(node, PressureSignals.Spool, 10, PressureLevel.Normal);
        (await client.SendMessageAsync("a@b.example", ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        await mail.NextAsync();
    }

    [Fact]
    public async Task Nobody_is_let_in_at_Critical_and_deliveries_go_on()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await StartAsync(mail);
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        await ReachAsync(node, PressureSignals.Queue, 96, PressureLevel.Critical);
        MustBeOverloaded(await client.CommandAsync("MAIL FROM:<a@b.example>"));
        Assert.Null(await client.ReadLineAsync());
        await using var other = await SmtpTestClient.ConnectAsync(node.Smtp);
        MustBeOverloaded(await other.ReadReplyAsync());
        using var ready = await node.Api.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("pressure is Critical", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<RunningNode> StartAsync(ReceivedMail mail) => RunningNode.StartAsync(
        RunningNode.PolicyTo(mail.Sink.BoundEndPoint),
        static settings => settings,
        replace: services => services.Replace(ServiceDescriptor.Singleton<IPressureProbes>(_probes)));

    private async Task ReachAsync(RunningNode node, PressureSignal signal, double value, PressureLevel level)
    {
        _probes.Set(signal, value);
        await Eventually.TrueAsync(() => node.Services.GetRequiredService<IPressure>().Level == level);
    }

    private static void MustBeBusy(TestReply reply) => Assert.Equal((452, "4.3.1"), (reply.Code, reply.Text[..5]));

    private static void MustBeOverloaded(TestReply reply) => Assert.Equal((421, "4.3.2"), (reply.Code, reply.Text[..5]));
}

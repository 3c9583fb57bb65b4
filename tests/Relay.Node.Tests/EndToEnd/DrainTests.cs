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
}

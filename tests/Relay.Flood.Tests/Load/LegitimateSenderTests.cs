using System.Text;
using Relay.Flood.Load;
using Relay.TestKit.Smtp;

namespace Relay.Flood.Tests.Load;

public sealed class LegitimateSenderTests
{
    private const string Accepted = "250 ok";
    private static readonly byte[] Body = Encoding.ASCII.GetBytes("Subject: a\r\n\r\nb\r\n.\r\n");

    [Fact]
    public async Task A_message_that_is_answered_with_250_is_accepted()
    {
        var (result, refusals, body) = await SendAsync(Accepted, Accepted, Accepted);
        Assert.Equal(SendResult.Accepted, result);
        Assert.Empty(refusals);
        Assert.StartsWith("Subject: a", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("554 5.7.1 no", Accepted, "554 5.7.1")]
    [InlineData("450 4.7.1 later", "503 5.5.1 no MAIL", "450 4.7.1")]
    [InlineData(Accepted, "550 5.1.1 no", "550 5.1.1")]
    public async Task A_message_whose_envelope_is_refused_is_not_accepted_by_a_250_to_its_dot(string mail, string recipient, string told)
    {
        var (result, refusals, body) = await SendAsync(mail, recipient, Accepted);
        Assert.Equal(SendResult.Refused, result);
        Assert.Equal([KeyValuePair.Create(told, 1L)], refusals);
        Assert.Equal("", body);
    }

    [Fact]
    public async Task A_message_that_is_refused_at_its_dot_is_refused()
    {
        var (result, refusals, _) = await SendAsync(Accepted, Accepted, "552 5.3.4 too large");
        Assert.Equal(SendResult.Refused, result);
        Assert.Equal([KeyValuePair.Create("552 5.3.4", 1L)], refusals);
    }

    /// <summary>Sends one message to a server that says 354 whatever it said before.</summary>
    private static async Task<(SendResult Result, IReadOnlyDictionary<string, long> Refusals, string Body)> SendAsync(string mail, string recipient, string end)
    {
        var body = "";
        await using var server = ScriptedServer.Start(async peer =>
        {
            await peer.AnswerAsync("250-hop.example\r\n250 PIPELINING", mail, recipient, "354 go on");
            for (var line = await peer.ReadLineAsync(); line != "."; line = await peer.ReadLineAsync())
            {
                body += line + "\n";
            }

            await peer.SendAsync(end + "\r\n");
            await peer.ReadLineAsync();
        });
        var settings = new FloodSettings { Targets = [server.EndPoint], HasSourceAddresses = false };
        var sender = new LegitimateSender(0, settings);
        var refusals = new ReplyTally();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var result = await sender.SendAsync(1, Body, refusals, patience.Token);
        sender.Close();
        return (result, refusals.Read(), body);
    }
}

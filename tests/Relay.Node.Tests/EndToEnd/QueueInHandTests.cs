using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Relay.Node.CommandLine.Api;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What an operator does to queued mail, by the API of a whole node.</summary>
public sealed class QueueInHandTests
{
    private static readonly byte[] Content = "Subject: x\r\n\r\ntext\r\n"u8.ToArray();

    [Fact]
    public async Task Mail_is_held_with_a_reason_released_and_removed()
    {
        await using var node = await UnreachableAsync("1h");
        var kept = await SendAsync(node, "u@one.example");
        var other = await SendAsync(node, "u@two.example");

        Assert.Equal(new ChangeAnswer(1, 1, 0), (await ChangeAsync(node, "hold", new { domain = "ONE.example", dryRun = true })) with { Nodes = null });
        Assert.Equal(1, (await ChangeAsync(node, "hold", new { domain = "one.example", reason = "look at it" })).Changed);
        var held = await node.QueuedAsync(message => message.Id == kept && message.State == "held");
        Assert.Equal("look at it", held.HoldReason);
        Assert.NotEqual("held", (await node.QueuedAsync(message => message.Id == other)).State);
        Assert.Equal([kept], await ListAsync(node, "state=held"));
        Assert.Equal(0, (await ChangeAsync(node, "hold", new { ids = new[] { kept }, reason = "again" })).Changed);

        Assert.Equal(1, (await ChangeAsync(node, "release", new { ids = new[] { kept } })).Changed);
        Assert.Empty(await ListAsync(node, "state=held"));

        Assert.Equal(2, (await ChangeAsync(node, "delete", new { everything = true, reason = "a test" })).Changed);
        await node.EmptyAsync();
        Assert.Equal(0, (await ChangeAsync(node, "retry", new { ids = new[] { kept } })).Matched);
    }

    [Fact]
    public async Task Mail_that_is_returned_tells_its_sender_why()
    {
        await using var node = await UnreachableAsync("1h");
        await SendAsync(node, "u@one.example");

        Assert.Equal(1, (await ChangeAsync(node, "bounce", new { sender = "me@senders.example", reason = "nobody lives there" })).Changed);

        var report = await node.QueuedAsync(static message => message.Sender.Length == 0);
        Assert.Equal("me@senders.example", Assert.Single(report.Recipients).Address);
    }

    [Fact]
    public async Task A_paused_destination_gets_nothing_until_it_is_resumed()
    {
        await using var mail = ReceivedMail.Start();
        await using var node = await RunningNode.StartAsync(mail.Sink);
        await SendAsync(node, "u@one.example");
        await mail.NextAsync();
        var name = $"smtp://{mail.Sink.BoundEndPoint}";

        using var paused = await node.Api.PostAsJsonAsync("/api/destinations/pause", new { name, duration = "1h", reason = "it moves" });
        Assert.Equal([name], (await ReadAsync<DestinationChange>(paused)).Names);
        await SendAsync(node, "u@one.example");
        var listed = await node.Api.GetFromJsonAsync<DestinationsAnswer>("/api/destinations");
        var destination = Assert.Single(listed!.Destinations, item => item.Name == name);
        Assert.Equal(("paused", "it moves", 1), (destination.State, destination.Reason, destination.Messages));
        var summary = await node.Api.GetFromJsonAsync<SummaryAnswer>("/api/queue/summary");
        Assert.Equal((name, 1), (Assert.Single(summary!.Destinations).Name, summary.Messages));
        Assert.True(mail.IsEmpty);

        using var resumed = await node.Api.PostAsJsonAsync("/api/destinations/resume", new { name });
        Assert.Equal([name], (await ReadAsync<DestinationChange>(resumed)).Names);
        await mail.NextAsync();

        using var unknown = await node.Api.PostAsJsonAsync("/api/destinations/resume", new { name = "smtp://nowhere.example:25" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static Task<RunningNode> UnreachableAsync(string retry) =>
        RunningNode.StartAsync(RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, FreePort.Next()), retry));

    /// <summary>Sends a message from me@senders.example.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> SendAsync(RunningNode node, string recipient)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        var accepted = (await client.SendMessageAsync("me@senders.example", [recipient], Content)).MustBe(250);
        return accepted.ToString()!.Split(' ', '\r', '\n').Last(static word => word.Length > 0);
    }

    private static async Task<string[]> ListAsync(RunningNode node, string query) =>
        [.. (await node.Api.GetFromJsonAsync<QueueAnswer>($"/api/queue?{query}"))!.Messages.Select(static message => message.Id)];

    private static async Task<ChangeAnswer> ChangeAsync(RunningNode node, string action, object body)
    {
        using var answer = await node.Api.PostAsJsonAsync($"/api/queue/{action}", body);
        return await ReadAsync<ChangeAnswer>(answer);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web)!;
    }
}

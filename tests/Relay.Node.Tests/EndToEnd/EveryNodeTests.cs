using System.Net;
using System.Net.Http.Json;
using System.Text;
using Relay.Actors.Cluster;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.TestKit;
using Relay.TestKit.Smtp;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>What an operator asks of one node, all nodes answer.</summary>
public sealed class EveryNodeTests : IAsyncLifetime
{
    // Nobody listens there: what is accepted stays.
    private static readonly string Policy = RunningNode.PolicyTo(new IPEndPoint(IPAddress.Loopback, 9), "1h");

    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private RunningNode _first = null!;
    private RunningNode _second = null!;
    private RunningNode _witness = null!;

    public async Task InitializeAsync()
    {
        var nodes = await Task.WhenAll(
            StartAsync("a", 0, ClusterRoles.Relay), StartAsync("b", 1, ClusterRoles.Relay), StartAsync("w", 2, ClusterRoles.Witness));
        (_first, _second, _witness) = (nodes[0], nodes[1], nodes[2]);
        foreach (var node in nodes)
        {
            await UntilAsync<ClusterAnswer>(node, "/api/cluster", static answer => answer.Members.Count(static member => member is { Status: "up", Queue: not null }) == 3);
        }
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _witness.DisposeAsync();
    }

    [Fact]
    public async Task Lists_sums_and_changes_are_of_all_nodes_and_of_one_where_it_is_said()
    {
        await SendAsync(_first, "one@a.example", 1);
        await SendAsync(_second, "two@b.example", 2);

        foreach (var node in new[] { _first, _second, _witness })
        {
            var list = await UntilAsync<QueueAnswer>(node, "/api/queue", static answer => answer.Total == 3);
            Assert.Equal(["a one@a.example", "b two@b.example", "b two@b.example"], list.Messages.Select(static message => $"{message.Node} {message.Sender}").Order(StringComparer.Ordinal));
            Assert.Equal([("a", true), ("b", true)], list.Nodes!.Select(static outcome => (outcome.Node, outcome.Done)).Order());
        }

        Assert.Equal(1, (await _first.Api.GetFromJsonAsync<QueueAnswer>("/api/queue?node=self"))!.Total);
        Assert.Equal(2, (await _first.Api.GetFromJsonAsync<QueueAnswer>("/api/queue?limit=2"))!.Messages.Count);
        var summary = await _second.Api.GetFromJsonAsync<SummaryAnswer>("/api/queue/summary?limit=1");
        Assert.Equal((3, "two@b.example", 2), (summary!.Messages, Assert.Single(summary.Senders).Name, summary.Senders[0].Messages));
        Assert.Equal(("relay.example", 3), (Assert.Single(summary.Domains).Name, summary.Domains[0].Messages));

        var others = (await _first.Api.GetFromJsonAsync<QueueAnswer>("/api/queue?sender=two@b.example"))!.Messages;
        var shown = await _first.Api.GetFromJsonAsync<QueuedMessage>($"/api/queue/{others[0].Id}");
        Assert.Equal(("b", others[0].Id), (shown!.Node, shown.Id));

        var held = await PostAsync<ChangeAnswer>(_witness, "/api/queue/hold", """{"everything":true,"reason":"all"}""");
        Assert.Equal((3, 3, 2), (held.Matched, held.Changed, held.Nodes!.Count(static outcome => outcome.Done)));
        Assert.Equal(3, (await _second.Api.GetFromJsonAsync<QueueAnswer>("/api/queue?state=held"))!.Total);

        var named = await PostAsync<ChangeAnswer>(_first, "/api/queue/release", $$"""{"ids":["{{others[0].Id}}","{{others[1].Id}}"]}""");
        Assert.Equal((2, 2), (named.Matched, named.Changed));

        var paused = await PostAsync<DestinationChange>(_first, "/api/destinations/pause", """{"name":"relay.example","duration":"1h","reason":"all"}""");
        Assert.Equal(("smtp://127.0.0.1:9", 2), (Assert.Single(paused.Names), paused.Nodes!.Count(static outcome => outcome.Done)));
        var destinations = await _witness.Api.GetFromJsonAsync<DestinationsAnswer>("/api/destinations");
        Assert.Equal(["a paused", "b paused"], destinations!.Destinations.Select(static destination => $"{destination.Node} {destination.State}"));
    }

    [Fact]
    public async Task A_node_that_is_gone_is_named_and_a_witness_that_is_gone_is_not()
    {
        await _witness.StopAsync();
        await _second.StopAsync();

        var gone = new NodeOutcome("b", false, "is not in the cluster");
        await UntilAsync<QueueAnswer>(_first, "/api/queue", answer => answer.Nodes is [{ Node: "a", Done: true }, var other] && other == gone);
        Assert.Equal(
            ["a True", "b False"],
            (await PostAsync<ChangeAnswer>(_first, "/api/queue/hold", """{"everything":true,"reason":"all"}""")).Nodes!.Select(static outcome => $"{outcome.Node} {outcome.Done}"));
    }

    [Fact]
    public async Task A_domain_that_has_had_no_mail_is_paused_and_resumed_by_its_name()
    {
        var paused = await PostAsync<DestinationChange>(_first, "/api/destinations/pause", """{"name":"relay.example","duration":"1h","reason":"all"}""");
        Assert.Equal(2, paused.Nodes!.Count(static outcome => outcome.Done));

        var resumed = await PostAsync<DestinationChange>(_second, "/api/destinations/resume", """{"name":"relay.example"}""");
        Assert.Equal(("smtp://127.0.0.1:9", 2), (Assert.Single(resumed.Names), resumed.Nodes!.Count(static outcome => outcome.Done)));
        Assert.Empty((await _witness.Api.GetFromJsonAsync<DestinationsAnswer>("/api/destinations"))!.Destinations);

        // A node that knows no such destination has nothing to resume; where no node does it is a mistake.
        await SendAsync(_second, "two@b.example", 1);
        await UntilAsync<QueueAnswer>(_second, "/api/queue", static answer => answer.Total == 1);
        var one = await PostAsync<DestinationChange>(_first, "/api/destinations/resume", """{"name":"smtp://127.0.0.1:9"}""");
        Assert.Equal((1, 2), (one.Names.Count, one.Nodes!.Count(static outcome => outcome.Done)));
        using var none = await _first.Api.PostAsync("/api/destinations/resume", Json("""{"name":"smtp://127.0.0.1:99"}"""));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Bodies_and_answers_of_any_length_come_whole()
    {
        const int count = 400;
        await SendAsync(_second, "two@b.example", count);
        var list = await UntilAsync<QueueAnswer>(_first, $"/api/queue?limit={count}", static answer => answer.Total == count);
        Assert.Equal(count, list.Messages.Select(static message => message.Id).Distinct().Count());
        Assert.True((await _second.Api.GetByteArrayAsync($"/api/queue?limit={count}&node=self")).Length > 100_000);

        // Ten thousand names are more than a message between nodes holds; those of nothing match nothing.
        var ids = list.Messages.Select(static message => message.Id).Concat(Enumerable.Range(0, 9_000).Select(static number => $"{number:d26}"));
        var held = await PostAsync<ChangeAnswer>(_first, "/api/queue/hold", $$"""{"ids":["{{string.Join("\",\"", ids)}}"],"reason":"all"}""");

        Assert.Equal(count, held.Changed);
    }

    [Fact]
    public async Task What_is_wrong_is_said_once_and_what_no_node_has_is_not_found()
    {
        using var unknown = await _first.Api.GetAsync("/api/queue?colour=red");
        using var other = await _first.Api.GetAsync("/api/queue?node=b");
        using var missing = await _first.Api.GetAsync("/api/queue/64xw6yaytme5d0000100000001");
        using var wide = await _first.Api.PostAsync("/api/queue/hold", Json("""{"reason":"x"}"""));

        Assert.Equal(
            [HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.BadRequest],
            new[] { unknown, other, missing, wide }.Select(static answer => answer.StatusCode));
        Assert.Contains("The query has an unknown key", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("application/problem+json", unknown.Content.Headers.ContentType?.MediaType);
    }

    private async Task<RunningNode> StartAsync(string name, int index, string role) => await RunningNode.StartAsync(
        Policy,
        settings => settings with
        {
            Node = settings.Node with { Name = name },
            Cluster = new ClusterSection { Address = _seeds[index], Seeds = _seeds, Roles = [role] },
            Listeners = role == ClusterRoles.Witness ? [] : settings.Listeners,
        });

    private static async Task SendAsync(RunningNode node, string sender, int count)
    {
        await using var client = await SmtpTestClient.GreetAsync(node.Smtp);
        for (var i = 0; i < count; i++)
        {
            (await client.SendMessageAsync(sender, ["u@relay.example"], "Subject: x\r\n\r\nx\r\n"u8.ToArray())).MustBe(250);
        }
    }

    private static async Task<T> PostAsync<T>(RunningNode node, string path, string body)
    {
        using var answer = await node.Api.PostAsync(path, Json(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<T> UntilAsync<T>(RunningNode node, string path, Predicate<T> condition)
    {
        var answer = default(T);
        await Eventually.TrueAsync(async () => condition((answer = await node.Api.GetFromJsonAsync<T>(path))!), () => $"{answer}");
        return answer!;
    }
}

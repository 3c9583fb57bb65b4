using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Relay.Actors.Cluster;
using Relay.Messages.Limits;
using Relay.Node.Cluster;
using Relay.Node.CommandLine.Api;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.TestKit;

namespace Relay.Node.Tests.EndToEnd;

public sealed class ClusterApiTests
{
    private const string Policy = """{ "acceptedDomains": ["relay.example"] }""";

    [Fact]
    public async Task Each_node_shows_what_the_others_know_of_themselves_and_one_can_be_told_to_leave()
    {
        var seeds = Enumerable.Range(0, 2).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next())).ToArray();
        var starting = StartAsync("a", seeds[0], seeds, ClusterRoles.Relay);
        await using var witness = await StartAsync("w", seeds[1], seeds, ClusterRoles.Witness);
        await using var relay = await starting;

        var seen = await MembersAsync(relay, static members => members is [{ Status: "up", PolicyVersion: 1 }, { Status: "up", PolicyVersion: 1 }]);

        Assert.Equal(seeds.Select(static seed => seed.ToString()).Order(StringComparer.Ordinal), seen.Members.Select(static member => member.Address));
        Assert.Equal(["a relay True 0 0", "w witness True 0 0"], seen.Members.Select(Line).Order(StringComparer.Ordinal));
        await Eventually.TrueAsync(async () => (seen = await relay.Api.GetFromJsonAsync<ClusterAnswer>("/api/cluster"))!.Notices is [], () => $"{seen}");
        // The budgets of limits live on nodes that take mail.
        await MembersAsync(relay, static members => members.Any(static member => member is { Name: "a", Shards: LimitMessages.Shards })
            && members.Any(static member => member is { Name: "w", Shards: 0 }));
        await Eventually.TrueAsync(async () => Regex.IsMatch(await relay.Api.GetStringAsync("/metrics"), @"relay_cluster_messages_total(\{.*\})? [1-9]"));
        Assert.Empty(witness.Listeners);
        await MembersAsync(witness, static members => members.Count == 2);
        var state = witness.Services.GetRequiredService<ClusterState>();
        await Eventually.TrueAsync(() => state.Status == "up");

        var left = witness.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var answer = await witness.Api.PostAsync("/api/cluster/leave", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("w", (await answer.Content.ReadFromJsonAsync<LeaveAnswer>())!.Node);
        await Eventually.TrueAsync(() => left.IsCancellationRequested);
        await witness.StopAsync();
        var alone = await MembersAsync(relay, static members => members.Count == 1);
        Assert.Contains("the node is alone in its cluster", alone.Notices);
    }

    [Fact]
    public async Task A_node_that_finds_no_other_takes_mail_and_says_that_it_is_in_no_cluster()
    {
        var seeds = Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next())).ToArray();
        await using var node = await StartAsync("a", seeds[0], seeds, ClusterRoles.Relay, TimeSpan.FromSeconds(1));
        var state = node.Services.GetRequiredService<ClusterState>();
        await Eventually.TrueAsync(() => state.Picture is { SilentSeeds.Length: 2 });

        var health = await node.Api.GetStringAsync("/health/ready");
        var shown = await node.Api.GetFromJsonAsync<ClusterAnswer>("/api/cluster");

        Assert.Contains("\"cluster\":\"joining\"", health, StringComparison.Ordinal);
        Assert.Contains("the node is in no cluster: it relays by its last policy", health, StringComparison.Ordinal);
        Assert.Contains($"the seed {seeds[1]} does not answer", health, StringComparison.Ordinal);
        Assert.Equal("a relay True 0 0", Line(Assert.Single(shown!.Members)));
        Assert.Contains(
            "relay_cluster_members{status=\"up\"} 0", await node.Api.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static string Line(ClusterMember member) =>
        $"{member.Name} {string.Join(',', member.Roles)} {member.Reachable} {member.Pressure} {member.Queue}";

    private static Task<RunningNode> StartAsync(string name, IPEndPoint address, IPEndPoint[] seeds, string role, TimeSpan? wait = null) => RunningNode.StartAsync(
        Policy,
        settings => settings with
        {
            Node = settings.Node with { Name = name },
            Cluster = new ClusterSection { Address = address, Seeds = seeds, Roles = [role] },
            Listeners = role == ClusterRoles.Witness ? [] : settings.Listeners,
        },
        replace: services => services.Replace(ServiceDescriptor.Singleton(new PolicyWait { Max = wait ?? new PolicyWait().Max })));

    private static async Task<ClusterAnswer> MembersAsync(RunningNode node, Predicate<IReadOnlyList<ClusterMember>> condition)
    {
        ClusterAnswer? answer = null;
        await Eventually.TrueAsync(async () => condition((answer = await node.Api.GetFromJsonAsync<ClusterAnswer>("/api/cluster"))!.Members), () => $"{answer}");
        return answer!;
    }
}

using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Store;
using Relay.Node.Cluster;
using Relay.Node.Policies;
using Relay.Node.Tests.EndToEnd;
using Relay.Policy.Documents;
using Relay.TestKit;

namespace Relay.Node.Tests.Policies;

/// <summary>The policy of three nodes, changed through any of them.</summary>
public sealed class ClusterPolicyTests
{
    private const string First = """{ "acceptedDomains": ["first.example"] }""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_change_through_any_node_is_in_force_on_all_of_them()
    {
        await using var trio = await NodeTrio.StartAsync(First);

        for (var round = 0; round < 6; round++)
        {
            var (status, answer) = await NodeTrio.PutAsync(trio[round % 3], $"\"{round + 1}\"", Accepting($"round{round}.example"));

            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(["a", "b", "c"], Names(answer, inForce: true));
            Assert.All(trio.All, node => Assert.Equal(round + 2, VersionOf(node)));
        }

        // A document of another kind of wrong on each node changes nothing on any.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await NodeTrio.PutAsync(trio[1], "\"7\"", """{ "acceptedDomain": [] }""")).Status);
        Assert.All(trio.All, node => Assert.Equal(7, VersionOf(node)));
    }

    [Fact]
    public async Task A_document_that_one_node_cannot_enforce_changes_nothing_anywhere()
    {
        await using var trio = await NodeTrio.StartAsync(First);
        await File.WriteAllTextAsync(Path.Combine(trio[0].Folder, "users.txt"), "you@first.example\n");
        await File.WriteAllTextAsync(Path.Combine(trio[1].Folder, "users.txt"), "you@first.example\n");

        var (status, answer) = await NodeTrio.PutAsync(
            trio[0], "\"1\"", """{ "acceptedDomains": ["first.example"], "recipients": { "first.example": "file:users.txt" } }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("Node c", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.All(trio.All, node => Assert.Equal(1, VersionOf(node)));
        Assert.Equal(HttpStatusCode.OK, (await NodeTrio.PutAsync(trio[0], "\"1\"", Accepting("second.example"))).Status);
    }

    [Fact]
    public async Task The_largest_document_reaches_every_node_in_pieces()
    {
        // Three nodes on the processors of one machine, with other tests beside them, read it four times: how long that takes is not what is asked.
        await using var trio = await NodeTrio.StartAsync(First, times: new StoreTimes { Prepare = Patience, Acknowledge = Patience, Proposal = Patience });
        var large = new StringBuilder("{ \"senders\": { \"block\": [");
        for (var i = 0; large.Length < PolicyParser.SizeMax - 200; i++)
        {
            large.Append(CultureInfo.InvariantCulture, $"\"a-sender-that-nobody-wants-{i}@spam.example\",\n");
        }

        large.Append("] } }");

        var (status, answer) = await NodeTrio.PutAsync(trio[2], "\"1\"", large.ToString());

        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        Assert.Equal(["a", "b", "c"], Names(answer, inForce: true));
        Assert.Equal(large.ToString(), await trio[0].Api.GetStringAsync("/api/policy/history/2"));
    }

    [Fact]
    public async Task Of_changes_at_the_same_time_one_wins_and_the_others_are_told_what_holds()
    {
        await using var trio = await NodeTrio.StartAsync(First);
        for (var version = 1; version <= 5; version++)
        {
            var tag = $"\"{version}\"";
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => NodeTrio.PutAsync(trio[i % 3], tag, Accepting($"v{version}-{i}.example"))));

            var winner = Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal(version + 1, winner.Answer.GetProperty("version").GetInt64());
            Assert.All(answers.Where(static answer => answer.Status != HttpStatusCode.OK), answer =>
            {
                Assert.Equal(HttpStatusCode.PreconditionFailed, answer.Status);
                Assert.Equal(version + 1, answer.Answer.GetProperty("version").GetInt64());
            });
        }
    }

    [Fact]
    public async Task A_node_that_joins_opens_its_listeners_under_the_policy_that_holds()
    {
        await using var trio = await NodeTrio.StartAsync(First);
        await Eventually.TrueAsync(() => trio.All.All(static node => node.Services.GetRequiredService<ClusterState>().Picture is { } picture
            && picture.Members.Count(static member => member.Report is not null) == 3));
        await trio.StopAsync(2);
        var (status, answer) = await NodeTrio.PutAsync(trio[0], "\"1\"", Accepting("second.example"));
        // It is in the cluster no more, and ought to be: named, whether the store has ever seen it or not.
        Assert.Equal((HttpStatusCode.Accepted, "a b", "c"), (status, string.Join(' ', Names(answer, inForce: true)), string.Join(' ', Names(answer, inForce: false))));

        var joined = await trio.StartAsync(2);

        // It has a fresh disk and a file that says something else; it listens now, so it has the cluster's.
        Assert.Equal(2, VersionOf(joined));
        Assert.Equal(["/health/ready"], await NoticesAsync(joined));
    }

    [Fact]
    public async Task A_node_that_began_alone_obeys_the_store_of_the_cluster_that_it_joins()
    {
        string? promise = null;
        await using var trio = await NodeTrio.StartAsync(First, settings =>
        {
            if (promise is not null)
            {
                File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(settings.Node.DataDirectory, ClusterPolicy.FolderName)).FullName, "promise"), promise);
            }

            return settings;
        });
        await trio.StopAsync(2);
        var (epoch, writer) = (await File.ReadAllTextAsync(Path.Combine(trio[0].DataDirectory, ClusterPolicy.FolderName, "promise"))).Split(' ') switch
        {
            [var first, var second] => (first, long.Parse(second, CultureInfo.InvariantCulture)),
            var other => throw new InvalidDataException(string.Join(' ', other)),
        };

        // Two clusters that begin by themselves both begin with the first epoch, each with a store of its own.
        promise = string.Create(CultureInfo.InvariantCulture, $"{epoch} {writer ^ 1}");
        await trio.StartAsync(2);

        var (status, answer) = await NodeTrio.PutAsync(trio[1], await NodeTrio.TagAsync(trio[1]), Accepting("second.example"));
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
        Assert.Equal(["a", "b", "c"], Names(answer, inForce: true));
    }

    private static async Task<string[]> NoticesAsync(RunningNode node)
    {
        var health = JsonDocument.Parse(await node.Api.GetStringAsync("/health/ready"));
        return ["/health/ready", .. health.RootElement.GetProperty("notices").EnumerateArray().Select(static notice => notice.GetString()!)
            .Where(static notice => notice.StartsWith("stale", StringComparison.Ordinal))];
    }

    private static string Accepting(string domain) => $$"""{ "acceptedDomains": ["{{domain}}"] }""";

    private static long VersionOf(RunningNode node) => node.Services.GetRequiredService<PolicyAgent>().Current.Version;

    private static string[] Names(JsonElement answer, bool inForce) => [.. answer.GetProperty("nodes").EnumerateArray()
        .Where(node => node.GetProperty("inForce").GetBoolean() == inForce).Select(static node => node.GetProperty("name").GetString()!)];
}

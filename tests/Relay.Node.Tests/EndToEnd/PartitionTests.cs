using System.Diagnostics;
using System.Net;
using Akka.Actor;
using Akka.Remote;
using Akka.Remote.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Policy.Store;
using Relay.Node.Cluster;
using Relay.Node.Settings;
using Relay.Node.Tests.Policies;
using Relay.TestKit;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>The network between nodes is cut, while mail goes through each of them.</summary>
public sealed class PartitionTests : IAsyncLifetime
{
    private static readonly TimeSpan HealTimeMax = TimeSpan.FromSeconds(30);

    private readonly IPEndPoint[] _seeds = [.. Enumerable.Range(0, 3).Select(static _ => new IPEndPoint(IPAddress.Loopback, FreePort.Next()))];
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-partition-").FullName;
    private readonly List<RunningNode> _nodes = [];
    private readonly SteadyMail _mail = SteadyMail.Start();

    public async Task InitializeAsync()
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, ClusterFile.FileName));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, ClusterFile.FileName), $"{shipped}\nakka.remote.dot-netty.tcp.applied-adapters = [\"trttl\"]\n");
        _nodes.AddRange(await Task.WhenAll(_seeds.Select((seed, index) => RunningNode.StartAsync(
            RunningNode.PolicyTo(_mail.NextHop),
            settings => settings with
            {
                Node = settings.Node with { Name = $"{index}" },
                Cluster = new ClusterSection { Address = seed, Seeds = _seeds },
                SettingsDirectory = _folder,
            },
            replace: static services => services.Replace(ServiceDescriptor.Singleton(new StoreTimes { Proposal = TimeSpan.FromSeconds(4) }))))));
    }

    public async Task DisposeAsync()
    {
        await _mail.DisposeAsync();
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_first_seed_cut_off_from_the_others_goes_on_taking_mail_and_joins_them_again()
    {
        await WholeAsync();
        foreach (var (index, node) in _nodes.Index())
        {
            _mail.SendThrough(node.Smtp, $"{index}");
        }

        await MoreAsync();
        Assert.Equal(HttpStatusCode.OK, await ApplyAsync(_nodes[0], "\"1\"", "all"));
        await CutAsync(Blackhole.Instance);
        // It has the store of the policy, and does not know yet that it is alone: what it cannot get agreed on it does not say to be in force.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ApplyAsync(_nodes[0], "\"2\"", "first"));
        await Eventually.TrueAsync(() => _nodes[1..].All(static node => StateOf(node).Picture is { Members.Length: 2 }), Describe);
        // It is down, alone, and forms no cluster of its own.
        await Eventually.TrueAsync(() => StateOf(_nodes[0]) is { Starts: >= 2, Picture: { IsMember: false, SilentSeeds.Length: 2 } }, Describe);
        await MoreAsync();
        var health = await _nodes[0].Api.GetStringAsync("/health/ready");
        Assert.Contains("the node is in no cluster", health, StringComparison.Ordinal);
        Assert.Contains("stale policy", health, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ApplyAsync(_nodes[0], "\"2\"", "alone"));
        // The others have a store again, and go on; the answer names the one that has it not.
        await Eventually.TrueAsync(async () => await ApplyAsync(_nodes[1], await NodeTrio.TagAsync(_nodes[1]), "others") == HttpStatusCode.Accepted, Describe);
        var (agreed, policy) = (await NodeTrio.TagAsync(_nodes[1]), await _nodes[1].Api.GetStringAsync("/api/policy"));
        Assert.Equal(policy, await _nodes[2].Api.GetStringAsync("/api/policy"));

        var ended = Stopwatch.GetTimestamp();
        await CutAsync(Unthrottled.Instance);
        await WholeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(ended), TimeSpan.Zero, HealTimeMax);
        await MoreAsync();
        await Eventually.TrueAsync(async () => await NodeTrio.TagAsync(_nodes[0]) == agreed, Describe);
        Assert.Equal(policy, await _nodes[0].Api.GetStringAsync("/api/policy"));
        // It may have had that from another node first; that it is the newest only the store says.
        await Eventually.TrueAsync(async () => !(await _nodes[0].Api.GetStringAsync("/health/ready")).Contains("stale", StringComparison.Ordinal), Describe);
        await _mail.EndAsync();
        Assert.All(_nodes[1..], static node => Assert.Equal(1, StateOf(node).Starts));
    }

    // What is changed shows in the document, and changes nothing for the mail.
    private async Task<HttpStatusCode> ApplyAsync(RunningNode node, string tag, string who) =>
        (await NodeTrio.PutAsync(node, tag, RunningNode.PolicyTo(_mail.NextHop).Replace("\"relay.example\"", $"\"relay.example\", \"{who}.example\"", StringComparison.Ordinal))).Status;

    private static ClusterState StateOf(RunningNode node) => node.Services.GetRequiredService<ClusterState>();

    private async Task MoreAsync()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            await _mail.MoreAsync($"{i}");
        }
    }

    // On the side of the larger part: the system of the smaller one is another when the cut ends.
    private async Task CutAsync(ThrottleMode mode)
    {
        foreach (var node in _nodes[1..])
        {
            var system = (ExtendedActorSystem)node.Services.GetRequiredService<RelaySystemHost>().Current!;
            var first = new Address("akka", "relay", _seeds[0].Address.ToString(), _seeds[0].Port);
            var command = new SetThrottle(first, ThrottleTransportAdapter.Direction.Both, mode);
            Assert.True(await ((RemoteActorRefProvider)system.Provider).Transport.ManagementCommand(command));
        }
    }

    private Task WholeAsync() => Eventually.TrueAsync(
        () => _nodes.All(node => StateOf(node) is { Status: "up", Picture: { } picture }
            && picture.Members.Length == _nodes.Count && picture.Members.All(static member => member is { Status: "up", IsReachable: true })),
        Describe);

    private string Describe() => string.Join('\n', _nodes.Select(static node => $"{StateOf(node).Status} {StateOf(node).Starts} {StateOf(node).Picture}"));
}

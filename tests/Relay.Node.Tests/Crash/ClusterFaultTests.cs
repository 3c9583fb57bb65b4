using System.Diagnostics;
using System.Globalization;
using System.Net;
using Relay.Node.Tests.EndToEnd;
using Relay.Node.Tests.Policies;
using Relay.TestKit;
using Xunit.Abstractions;

namespace Relay.Node.Tests.Crash;

/// <summary>
/// What happens to one process of three, while mail goes through all of them and the policy is changed through all of them: nothing accepted and no
/// change that was answered is lost, the others are never interrupted, and the cluster is whole again within 30 s of the fault's end.
/// bench/soak.sh --cluster does the same with longer faults, again and again.
/// </summary>
public sealed class ClusterFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan HealTimeMax = TimeSpan.FromSeconds(30);

    private readonly SteadyMail _mail = SteadyMail.Start();
    private ProcessTrio _trio = null!;

    public async Task InitializeAsync() => _trio = await ProcessTrio.StartAsync(RunningNode.PolicyTo(_mail.NextHop));

    public async Task DisposeAsync()
    {
        await _trio.DisposeAsync();
        await _mail.DisposeAsync();
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("paused")]
    public async Task A_node_that_is_gone_for_a_while_disturbs_nobody_and_comes_back(string how)
    {
        // The first one: it is the first seed, and has whatever the cluster has one of, the store of the policy too.
        _mail.TryThrough(() => _trio.Smtp(0), "a");
        _mail.SendThrough(_trio.Smtp(1), "b");
        _mail.SendThrough(_trio.Smtp(2), "c");
        await using var changes = SteadyChanges.Start([() => _trio.Api(0), () => _trio.Api(1), () => _trio.Api(2)], RunningNode.PolicyTo(_mail.NextHop));
        await MoreAsync("a", "b", "c");
        await changes.MoreAsync();

        if (how == "killed")
        {
            await _trio[0].KillAsync();
        }
        else
        {
            _trio[0].Pause();
        }

        await WithoutFirstAsync();
        await MoreAsync("b", "c");
        await changes.MoreAsync();
        var ended = Stopwatch.GetTimestamp();
        if (how == "killed")
        {
            await _trio.StartAsync(0);
        }
        else
        {
            _trio[0].Resume();
        }

        await _trio.WholeAsync();
        var healed = Stopwatch.GetElapsedTime(ended);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"whole again after {healed.TotalSeconds:0.0} s"));
        Assert.True(healed <= HealTimeMax, $"whole again after {healed}\n{_trio.Describe()}");
        await MoreAsync("a", "b", "c");
        await changes.MoreAsync();
        await changes.EndAsync([_trio.Api(0), _trio.Api(1), _trio.Api(2)]);
        await _mail.EndAsync();
    }

    private async Task MoreAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await _mail.MoreAsync(name);
        }
    }

    // At least until the others have given it up, and for as long as a longer run wants.
    private async Task WithoutFirstAsync()
    {
        var began = Stopwatch.GetTimestamp();
        var least = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("RELAY_FAULT_SECONDS") ?? "0", CultureInfo.InvariantCulture));
        HttpClient[] others = [_trio.Api(1), _trio.Api(2)];
        await Eventually.TrueAsync(async () =>
        {
            foreach (var api in others)
            {
                // Ready all the time: no balancer must take it out.
                using var ready = await api.GetAsync("/health/ready");
                Assert.True(ready.StatusCode == HttpStatusCode.OK, $"{await ready.Content.ReadAsStringAsync()}\n{_trio.Describe()}");
            }

            var answers = await Task.WhenAll(others.Select(ProcessTrio.ShowAsync));
            return Stopwatch.GetElapsedTime(began) >= least && answers.All(static answer => answer is { Members.Count: ProcessTrio.Nodes - 1 });
        }, _trio.Describe, seconds: (int)least.TotalSeconds + 90);
    }
}

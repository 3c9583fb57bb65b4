using System.Globalization;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Actors.Policy;
using Relay.Actors.Policy.Limits;
using Relay.Node.Tests.EndToEnd;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.TestKit;
using Xunit.Abstractions;

namespace Relay.Node.Tests.Limits;

/// <summary>Inventing keys costs bounded memory and resets nobody's limit, in the budgets of a real cluster of one.</summary>
/// <remarks>Short here; bench/soak.sh --limit invents a million of them, within the bounds that the program comes with, by RELAY_LIMIT_KEYS.</remarks>
public sealed class LimitBoundsTests
{
    private const int AtOnce = 200;

    private static readonly string? Million = Environment.GetEnvironmentVariable("RELAY_LIMIT_KEYS") is { Length: > 0 } keys ? keys : null;
    private static readonly int Keys = Million is null ? 20_000 : int.Parse(Million, CultureInfo.InvariantCulture);

    // A machine that is busy with other tests has its time to answer: it is not what is asked here.
    private static readonly LimitBounds Bounds = (Million is null ? new LimitBounds { BudgetsPerShardMax = 10, SharedPerShardMax = 2 } : new LimitBounds()) with
    {
        Patience = TimeSpan.FromSeconds(60),
    };

    // A budget takes about 3 KiB, what a node remembers of a key a tenth of it.
    private static readonly long BytesMax = (60 * Bounds.BudgetsPerShardMax * 4096L) + (Bounds.KeysMax * 512L) + (32 << 20);

    private readonly ITestOutputHelper _output;

    public LimitBoundsTests(ITestOutputHelper output)
    {
        _output = output;
    }

    [Fact]
    public async Task Invented_keys_share_a_budget_and_leave_those_that_are_known_alone()
    {
        await using var node = await RunningNode.StartAsync(
            """
            {
              "acceptedDomains": ["relay.example"],
              "limits": [ { "name": "domain", "key": "senderDomain", "rate": "2/d", "unproven": true } ]
            }
            """,
            static settings => settings,
            replace: static services => services.Replace(ServiceDescriptor.Singleton(new LimitAgent(Bounds, 1, TimeProvider.System))));
        var policy = node.Services.GetRequiredService<PolicyAgent>();
        var limits = policy.Limits;
        await Eventually.TrueAsync(() => limits.Gateway is not null);

        Assert.Equal(LimitAnswerKind.Taken, (await WantAsync(policy, "known.example")).Kind);

        var began = TimeProvider.System.GetTimestamp();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var first = 0; first < Keys; first += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(first, AtOnce).Select(i => WantAsync(policy, $"d{i}.example")));
            Assert.InRange(limits.Budgets.Total, 1, (60 * (Bounds.BudgetsPerShardMax + Bounds.SharedPerShardMax)) + 1);
            Assert.InRange(limits.Leases.Keys, 0, Bounds.KeysMax + Bounds.SharedKeysMax + 1);
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        _output.WriteLine($"{Keys} keys in {TimeProvider.System.GetElapsedTime(began)}: {limits.Budgets.Total} budgets, {limits.Leases.Keys} keys, {bytes} bytes more");
        // Other tests have the same memory, if there are any.
        if (Million is not null)
        {
            Assert.InRange(bytes, long.MinValue, BytesMax);
        }

        // What a node remembers of keys without a budget it forgets; until there is room again, others share the budgets of their networks too.
        await Eventually.TrueAsync(() => limits.Leases.Keys < Bounds.KeysMax);

        // Budgets are full, so strangers share what the network has; who was known has what was left.
        Assert.Equal(LimitAnswerKind.Refused, (await WantAsync(policy, "new.example")).Kind);
        Assert.Equal(LimitAnswerKind.Taken, (await WantAsync(policy, "known.example")).Kind);
        Assert.Equal(LimitAnswerKind.Refused, (await WantAsync(policy, "known.example")).Kind);
    }

    private static async Task<LimitAnswer> WantAsync(PolicyAgent policy, string domain)
    {
        Assert.True(MailPath.TryParse($"a@{domain}", out var sender));
        var claims = policy.Current.RateLimits.ForMail(new ClientFacts(System.Net.IPAddress.Parse("203.0.113.9"), "public", null), sender, null);
        var answer = new TaskCompletionSource<LimitAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        policy.Limits.Desk.Tell(new LimitDeskActor.Want(claims, LimitFallback.Defer, answer.SetResult));
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }
}

using System.Net;
using Relay.Node.Listeners;
using Relay.Node.Penalties;
using Relay.Policy.Penalties;

namespace Relay.Node.Tests.Penalties;

public sealed class PenaltyTableTests
{
    private static readonly PenaltyRules Rules = new();

    private static ClientKey V4(int number) =>
        ClientKey.OfClient(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));

    private static ClientKey V6(int network, int client) =>
        ClientKey.OfClient(new IPAddress([0x20, 1, 0x0d, 0xb8, (byte)(network >> 8), (byte)network, (byte)(client >> 8), (byte)client, 0, 0, 0, 0, 0, 0, 0, 1]));

    [Fact]
    public void Nobody_guilty_is_forgotten_for_those_who_come_later()
    {
        var table = new PenaltyTable(new PenaltyLimits { ClientsMax = 2 });
        table.FindOrAdd(V4(1))!.Standing.Add(0, Rules, 50);
        table.FindOrAdd(V4(2))!.Standing.Add(0, Rules, 1);
        Assert.Null(table.FindOrAdd(V4(3)));
        Assert.Equal(1, table.Sweep(TimeSpan.FromSeconds(1).Ticks));
        Assert.Null(table.FindOrAdd(V4(3)));

        Assert.Equal(1, table.Sweep(TimeSpan.FromSeconds(2).Ticks)); // the second one's refusal has drained
        Assert.NotNull(table.FindOrAdd(V4(3)));
        Assert.NotNull(table.Find(V4(1)));
        Assert.Null(table.Find(V4(2)));
    }

    [Fact]
    public void Whoever_owns_a_48_counts_as_one_client_past_a_number_of_them()
    {
        var table = new PenaltyTable(new PenaltyLimits { ClientsPerNetworkMax = 3 });
        var own = Enumerable.Range(0, 3).Select(i => table.FindOrAdd(V6(1, i))!).ToList();
        Assert.Equal(3, own.Distinct().Count());
        var rest = table.FindOrAdd(V6(1, 3))!;
        Assert.Same(rest, table.FindOrAdd(V6(1, 60_000)));
        Assert.Same(rest, table.Find(V6(1, 4)));
        Assert.Same(own[1], table.FindOrAdd(V6(1, 1)));
        Assert.NotSame(rest, table.FindOrAdd(V6(2, 3)));

        rest.Standing.Add(0, Rules, 1);
        Assert.Equal(0, table.Sweep(1)); // the clients are innocent, the rest is not
        Assert.Equal(1, table.Count);
        Assert.NotSame(rest, table.FindOrAdd(V6(2, 9)));
    }

    [Fact]
    public void Memory_is_bounded_however_many_come()
    {
        var limits = new PenaltyLimits();
        var addresses = Enumerable.Range(0, 3 * limits.ClientsMax).Select(i => i % 2 == 0 ? V4(i) : V6(i / 100, i)).ToArray();
        var table = new PenaltyTable(limits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < addresses.Length; i++)
        {
            table.FindOrAdd(addresses[i])?.Standing.Add(0, Rules, 1);
        }

        // All that was ever allocated, also what grew out of date.
        var octets = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)limits.ClientsMax;
        Assert.InRange(octets, 50, 400);
        Assert.Equal(limits.ClientsMax, table.Count);
        table.Sweep(TimeSpan.FromHours(1).Ticks);
        Assert.Equal(0, table.Count);
    }
}

using System.Net;
using Relay.Flood.Load;

namespace Relay.Flood.Tests.Load;

public sealed class SourceAddressesTests
{
    [Fact]
    public void Everybody_has_an_address_of_its_own_on_loopback()
    {
        var legitimate = Enumerable.Range(0, SourceAddresses.LegitimateMax).Select(SourceAddresses.OfLegitimate);
        var attackers = Enumerable.Range(0, SourceAddresses.AttackersMax).Select(SourceAddresses.OfAttacker);
        var all = legitimate.Concat(attackers).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.All(all, address => Assert.True(IPAddress.IsLoopback(address) && address.GetAddressBytes()[3] is > 0 and < 255));
    }

    [Fact]
    public void Legitimate_senders_share_no_network_and_attackers_share_it_by_the_hundred()
    {
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(index => Network(SourceAddresses.OfLegitimate(index))).Distinct().Count());
        Assert.Equal(10, Enumerable.Range(0, 1000).Select(index => Network(SourceAddresses.OfAttacker(index))).Distinct().Count());
    }

    [Fact]
    public void There_are_no_more()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceAddresses.OfLegitimate(SourceAddresses.LegitimateMax));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceAddresses.OfAttacker(SourceAddresses.AttackersMax));
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceAddresses.OfAttacker(-1));
    }

    private static string Network(IPAddress address) => address.ToString()[..address.ToString().LastIndexOf('.')];
}

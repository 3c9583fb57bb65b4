using System.Net;
using Relay.Actors.Cluster;

namespace Relay.Actors.Tests.Cluster;

public sealed class ExpectedNodesTests
{
    private readonly ExpectedNodes _expected = new([.. Enumerable.Range(11, 3).Select(static host => new IPEndPoint(IPAddress.Parse($"10.0.0.{host}"), 4053))]);

    [Fact]
    public void Whoever_is_not_there_is_missing_by_the_name_that_it_had()
    {
        _expected.Seen("10.0.0.12:4053", "b", relays: true);

        Assert.Equal(
            [new MissingNode("b", "10.0.0.12:4053"), new MissingNode("10.0.0.13:4053", "10.0.0.13:4053")],
            _expected.Without(["10.0.0.11:4053", "10.0.0.99:4053"]));
        Assert.Empty(_expected.Without(["10.0.0.13:4053", "10.0.0.11:4053", "10.0.0.12:4053"]));
    }

    [Fact]
    public void A_node_that_was_a_witness_when_it_was_last_seen_is_not_missed()
    {
        _expected.Seen("10.0.0.13:4053", "w", relays: false);
        Assert.Equal(["10.0.0.12:4053"], _expected.Without(["10.0.0.11:4053"]).Select(static node => node.Address));

        _expected.Seen("10.0.0.13:4053", "c", relays: true);
        Assert.Equal(["10.0.0.12:4053", "c"], _expected.Without(["10.0.0.11:4053"]).Select(static node => node.Name));
    }

    [Fact]
    public void Members_that_the_settings_do_not_name_are_nobodys_business_when_they_are_gone()
    {
        _expected.Seen("10.0.0.99:4053", "program", relays: true);

        Assert.Equal(3, _expected.Without([]).Count());
        Assert.Empty(new ExpectedNodes([]).Without([]));
    }
}

using System.Globalization;
using Relay.Node.Composition;
using Relay.Node.Settings;
using Relay.TestKit;

namespace Relay.Node.Tests.Composition;

/// <summary>The systemd unit in deploy/ against the program that it starts.</summary>
public sealed class ServiceUnitTests
{
    [Fact]
    public void A_node_that_stops_has_the_time_that_it_takes_by_default()
    {
        var unit = File.ReadAllLines(Path.Combine(RepositoryFolder.Path, "deploy", "relay.service"));
        var given = unit.Single(static line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1];
        var taken = NodeSection.DrainNoticeBehindBalancer + new NodeSection().DrainTime + MailDrain.LastWordTime + RelayNode.StopTime;
        Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(int.Parse(given, CultureInfo.InvariantCulture)));
    }
}

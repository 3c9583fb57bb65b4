using Relay.Flood.Nodes;

namespace Relay.Flood.Tests.Nodes;

public sealed class MetricsTextTests
{
    private const string Text =
        """
        # TYPE relay_spool_bytes gauge
        relay_spool_bytes 67108864 1764000000000
        relay_spool_bytes_other 1
        # TYPE cpu_seconds counter
        cpu_seconds_total{mode="user"} 1.5
        cpu_seconds_total{mode="system"} 0.25 1764000000000
        odd{label="a } 7"} 2
        """;

    [Theory]
    [InlineData("relay_spool_bytes", 67108864.0)]
    [InlineData("cpu_seconds_total", 1.75)]
    [InlineData("odd", 2.0)]
    [InlineData("relay_spool", null)]
    [InlineData("absent", null)]
    public void A_figure_is_the_sum_of_its_series(string name, double? value) => Assert.Equal(value, MetricsText.SumOf(Text, name));
}

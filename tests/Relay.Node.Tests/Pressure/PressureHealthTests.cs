using Relay.Actors.Pressure;
using Relay.Node.Pressure;

namespace Relay.Node.Tests.Pressure;

public sealed class PressureHealthTests
{
    [Theory]
    [InlineData(PressureLevel.Medium, true, PressureLevel.Normal, PressureLevel.Normal)]
    [InlineData(PressureLevel.High, false, PressureLevel.Normal, PressureLevel.Medium)]
    [InlineData(PressureLevel.High, false, PressureLevel.Normal)]
    [InlineData(PressureLevel.High, true, PressureLevel.Normal, PressureLevel.High)]
    [InlineData(PressureLevel.High, true, PressureLevel.High, PressureLevel.Critical)]
    [InlineData(PressureLevel.High, true)]
    [InlineData(PressureLevel.Critical, false)]
    [InlineData(PressureLevel.Critical, false, PressureLevel.Critical, PressureLevel.Critical)]
    public void A_node_is_unready_at_Critical_and_at_High_while_most_others_are_below(PressureLevel own, bool isReady, params PressureLevel[] others) =>
        Assert.Equal(isReady, PressureHealth.Of(own, others) is null);
}

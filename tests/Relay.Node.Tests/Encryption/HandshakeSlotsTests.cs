using Relay.Node.Encryption;

namespace Relay.Node.Tests.Encryption;

public sealed class HandshakeSlotsTests
{
    [Fact]
    public void There_are_as_many_as_there_may_be_and_one_given_back_is_free_once()
    {
        var slots = new HandshakeSlots(2);
        var first = slots.TryTake()!;
        using var second = slots.TryTake();
        Assert.NotNull(second);
        Assert.Null(slots.TryTake());
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, slots.Taken);
        using var third = slots.TryTake();
        Assert.NotNull(third);
        Assert.Null(slots.TryTake());
    }
}

using Relay.Actors.Deliveries;

namespace Relay.Actors.Tests.Deliveries;

public sealed class OutboundSlotsTests
{
    [Fact]
    public void As_many_are_taken_as_there_are_and_given_back()
    {
        var slots = new OutboundSlots(2);
        Assert.True(slots.TryTake(isProven: true));
        Assert.True(slots.TryTake(isProven: true));
        Assert.False(slots.TryTake(isProven: true));
        Assert.Equal(2, slots.InUse);
        slots.Release();
        Assert.True(slots.TryTake(isProven: true));
    }

    [Fact]
    public void Destinations_that_have_not_answered_share_one_half()
    {
        var slots = new OutboundSlots(4);
        Assert.True(slots.TryTake(isProven: false));
        Assert.True(slots.TryTake(isProven: false));
        Assert.False(slots.TryTake(isProven: false));
        Assert.True(slots.TryTake(isProven: true));
        Assert.True(slots.TryTake(isProven: true));
        Assert.False(slots.TryTake(isProven: true));
    }

    [Fact]
    public void None_is_given_back_that_nobody_had()
    {
        var slots = new OutboundSlots(1);
        Assert.Throws<InvalidOperationException>(slots.Release);
        Assert.Equal(0, slots.InUse);
    }

    [Fact]
    public void Many_threads_take_no_more_than_there_are()
    {
        const int Max = 3;
        var slots = new OutboundSlots(Max);
        var holders = 0;
        var tooMany = 0;
        Parallel.For(0, 10_000, _ =>
        {
            if (slots.TryTake(isProven: true))
            {
                if (Interlocked.Increment(ref holders) > Max)
                {
                    Interlocked.Increment(ref tooMany);
                }

                Interlocked.Decrement(ref holders);
                slots.Release();
            }
        });
        Assert.Equal((0, 0), (tooMany, slots.InUse));
    }
}

using Relay.Actors.Deliveries;

namespace Relay.Actors.Tests.Deliveries;

public sealed class OutboundSlotsTests
{
    [Fact]
    public void As_many_are_taken_as_there_are_and_given_back()
    {
        var slots = new OutboundSlots(2);
        Assert.True(slots.TryTake());
        Assert.True(slots.TryTake());
        Assert.False(slots.TryTake());
        Assert.Equal(2, slots.InUse);
        slots.Release();
        Assert.True(slots.TryTake());
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
            if (slots.TryTake())
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

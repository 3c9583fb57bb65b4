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
    public void Whoever_waits_is_woken_one_for_each_slot_that_it_may_have_in_the_order_of_asking()
    {
        var slots = new OutboundSlots(4);
        var woken = new List<string>();
        var (first, second) = (new SlotWaiter(() => woken.Add("first")), new SlotWaiter(() => woken.Add("second")));
        Assert.True(slots.TryTake(isProven: false));
        Assert.True(slots.TryTake(isProven: false));
        Assert.True(slots.TryTake(isProven: true));
        Assert.False(slots.TryTake(isProven: false, first));
        Assert.False(slots.TryTake(isProven: false, second));
        Assert.False(slots.TryTake(isProven: false, first)); // asks again, and stands in line once
        slots.Release();
        Assert.Empty(woken); // two are theirs: the other half is not for them
        slots.Release(isProven: false);
        Assert.Equal(["first"], woken);
        slots.Prove();
        Assert.Equal(["first", "second"], woken);
    }

    [Fact]
    public void Destinations_that_answer_keep_none_from_the_half_of_the_others()
    {
        var slots = new OutboundSlots(4);
        Assert.True(slots.TryTake(isProven: true));
        Assert.True(slots.TryTake(isProven: true));
        Assert.True(slots.TryTake(isProven: true));
        Assert.True(slots.TryTake(isProven: false));
        Assert.False(slots.TryTake(isProven: false));
    }

    [Fact]
    public void Both_kinds_of_destinations_are_woken_by_turns()
    {
        var slots = new OutboundSlots(1);
        var woken = new List<string>();
        Assert.True(slots.TryTake(isProven: true));
        foreach (var name in (string[])["new 1", "new 2"])
        {
            Assert.False(slots.TryTake(isProven: false, new SlotWaiter(() => woken.Add(name))));
        }

        foreach (var name in (string[])["known 1", "known 2"])
        {
            Assert.False(slots.TryTake(isProven: true, new SlotWaiter(() => woken.Add(name))));
        }

        slots.Release();
        for (var i = 0; i < 3; i++)
        {
            slots.PassOn();
        }

        Assert.Equal(["known 1", "new 1", "known 2", "new 2"], woken);
    }

    [Fact]
    public void Whoever_leaves_the_line_is_passed_over_and_hands_on_what_it_was_woken_for()
    {
        var slots = new OutboundSlots(1);
        var woken = new List<string>();
        var waiters = ((string[])["first", "second", "third"]).Select(name => new SlotWaiter(() => woken.Add(name))).ToArray();
        Assert.True(slots.TryTake(isProven: true));
        Assert.All(waiters, waiter => Assert.False(slots.TryTake(isProven: false, waiter)));
        slots.Leave(waiters[0]);
        slots.Release();
        Assert.Equal(["second"], woken);
        slots.Leave(waiters[1]);
        Assert.Equal(["second", "third"], woken);
        Assert.True(slots.TryTake(isProven: false, waiters[2]));
        slots.Leave(waiters[1]);
        Assert.Equal(2, woken.Count);
    }

    [Fact]
    public void None_is_given_back_that_nobody_had()
    {
        var slots = new OutboundSlots(1);
        Assert.Throws<InvalidOperationException>(() => slots.Release());
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

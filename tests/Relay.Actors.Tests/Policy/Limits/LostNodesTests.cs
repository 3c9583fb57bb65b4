using Akka.Actor;
using Relay.Actors.Policy.Limits;

namespace Relay.Actors.Tests.Policy.Limits;

public sealed class LostNodesTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private static readonly Address A = new("akka", "relay", "10.0.0.1", 4053);
    private static readonly Address B = new("akka", "relay", "10.0.0.2", 4053);

    private readonly LostNodes _lost = new();

    [Fact]
    public void A_node_is_silent_from_when_it_was_lost_once_it_is_removed()
    {
        _lost.Lost(A, 10 * Second);
        _lost.Lost(A, 12 * Second);
        Assert.Equal(TimeSpan.Zero, _lost.SilentFor(15 * Second));
        _lost.Removed(A, 16 * Second);
        Assert.Equal(TimeSpan.FromSeconds(12), _lost.SilentFor(22 * Second));
    }

    [Fact]
    public void One_that_dies_again_is_silent_since_then_and_not_since_the_first_time()
    {
        _lost.Lost(A, 10 * Second);
        _lost.Removed(A, 16 * Second);
        _lost.Lost(A, 3600 * Second);
        _lost.Removed(A, 3606 * Second);
        Assert.Equal(TimeSpan.FromSeconds(8), _lost.SilentFor(3608 * Second));
    }

    [Fact]
    public void One_that_left_or_came_back_was_never_silent()
    {
        _lost.Removed(A, 10 * Second);
        _lost.Lost(B, 10 * Second);
        _lost.Found(B);
        _lost.Removed(B, 11 * Second);
        Assert.Equal(TimeSpan.Zero, _lost.SilentFor(12 * Second));
    }

    [Fact]
    public void Of_several_the_one_that_was_lost_last_counts_and_none_for_long()
    {
        _lost.Lost(A, 10 * Second);
        _lost.Lost(B, 14 * Second);
        _lost.Removed(A, 16 * Second);
        _lost.Removed(B, 20 * Second);
        Assert.Equal(TimeSpan.FromSeconds(8), _lost.SilentFor(22 * Second));
        Assert.Equal(TimeSpan.Zero, _lost.SilentFor((20 * Second) + LostNodes.KeptFor.Ticks + 1));
    }
}

using Relay.Actors.Destinations;

namespace Relay.Actors.Tests.Destinations;

/// <summary>The window of a destination, as Postfix's scheduler has it.</summary>
public sealed class ConcurrencyWindowTests
{
    private readonly ConcurrencyWindow _window = new();

    [Fact]
    public void A_whole_window_of_successes_adds_one_and_the_policy_bounds_it()
    {
        Assert.Equal(5, _window.Allowed(20));
        for (var i = 0; i < 6; i++)
        {
            _window.Succeeded(5, 20);
        }

        Assert.Equal(6, _window.Allowed(20));
        for (var i = 0; i < 1000; i++)
        {
            _window.Succeeded(20, 20);
        }

        Assert.Equal(20, _window.Allowed(20));
        Assert.Equal(3, _window.Allowed(3));
    }

    [Fact]
    public void A_window_that_is_not_used_does_not_grow()
    {
        for (var i = 0; i < 1000; i++)
        {
            _window.Succeeded(1, 20);
        }

        Assert.Equal(6, _window.Allowed(20));
    }

    [Fact]
    public void A_cohort_of_failures_means_a_dead_site_and_a_success_between_them_does_not()
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.False(_window.Failed());
            _window.Succeeded(5, 20);
        }

        var failures = 1;
        while (!_window.Failed())
        {
            failures++;
        }

        Assert.InRange(failures, 4, 6);
        _window.Reset();
        Assert.Equal(5, _window.Allowed(20));
        Assert.False(_window.Failed());
    }

    [Fact]
    public void A_peer_that_asks_for_patience_halves_the_window_once_for_each_window_of_attempts()
    {
        for (var i = 0; i < 1000; i++)
        {
            _window.Succeeded(20, 20);
        }

        for (var i = 0; i < 9; i++)
        {
            _window.SlowDown(); // all that were on when it began
        }

        Assert.Equal(10, _window.Allowed(20));
        for (var i = 0; i < 100; i++)
        {
            _window.SlowDown();
        }

        Assert.Equal(1, _window.Allowed(20));
    }
}

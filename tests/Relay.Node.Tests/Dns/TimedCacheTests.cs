using Microsoft.Extensions.Time.Testing;
using Relay.Node.Dns;

namespace Relay.Node.Tests.Dns;

public sealed class TimedCacheTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_value_is_kept_for_its_time()
    {
        var cache = new TimedCache<string, int>(10, _time);
        cache.Set("a", 1, TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(cache.TryGet("a", out var value, out var left));
        Assert.Equal((1, TimeSpan.FromSeconds(6)), (value, left));
        cache.Set("a", 2, TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(cache.TryGet("a", out value, out _));
        Assert.Equal(2, value);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.TryGet("a", out _, out _));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void What_was_not_used_for_longest_makes_room()
    {
        var cache = new TimedCache<int, int>(3, _time);
        for (var i = 0; i < 3; i++)
        {
            cache.Set(i, i, TimeSpan.FromHours(1));
        }

        Assert.True(cache.TryGet(0, out _, out _));
        cache.Set(3, 3, TimeSpan.FromHours(1));
        Assert.Equal([true, false, true, true], Enumerable.Range(0, 4).Select(i => cache.TryGet(i, out _, out _)));
        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void What_is_heavy_makes_others_go()
    {
        var cache = new TimedCache<int, int>(10, _time, weightMax: 6, static value => value);
        foreach (var value in new[] { 1, 2, 3, 2 })
        {
            cache.Set(value, value, TimeSpan.FromHours(1)); // the second 2 in the place of the first
        }

        Assert.Equal(3, cache.Count);
        cache.Set(4, 4, TimeSpan.FromHours(1));
        Assert.Equal([false, true, false, true], Enumerable.Range(1, 4).Select(i => cache.TryGet(i, out _, out _)));
        cache.Set(9, 9, TimeSpan.FromHours(1));
        Assert.Equal(1, cache.Count);
    }
}

using CsCheck;
using Relay.Node.Authentication;

namespace Relay.Node.Tests.Authentication;

public sealed class WindowedCountsTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public void It_counts_as_a_list_of_events_would()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 2]);
        step.Array[0, 60].Sample(steps =>
        {
            var counts = new WindowedCounts<int>(Window, keysMax: 100);
            var naive = new Dictionary<int, (DateTimeOffset Began, int Count)>();
            var now = DateTimeOffset.UnixEpoch;
            foreach (var (key, seconds, action) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                foreach (var old in naive.Where(entry => now - entry.Value.Began >= Window).Select(entry => entry.Key).ToList())
                {
                    naive.Remove(old);
                }

                var has = naive.TryGetValue(key, out var entry);
                Assert.Equal(entry.Count, counts.Of(key, now));
                if (action == 0)
                {
                    counts.TakeBack(key);
                    if (has)
                    {
                        naive[key] = (entry.Began, Math.Max(0, entry.Count - 1));
                    }
                }
                else
                {
                    counts.Add(key, now);
                    naive[key] = (has ? entry.Began : now, entry.Count + 1);
                }

                Assert.Equal(naive.GetValueOrDefault(key).Count, counts.Of(key, now));
                Assert.Equal(naive.Count, counts.Keys);
            }
        });
    }

    [Fact]
    public void The_oldest_key_gives_way_to_a_new_one()
    {
        var counts = new WindowedCounts<int>(Window, keysMax: 3);
        var now = DateTimeOffset.UnixEpoch;
        foreach (var key in new[] { 1, 2, 1, 3, 4 })
        {
            counts.Add(key, now);
        }

        Assert.Equal([0, 1, 1, 1], new[] { 1, 2, 3, 4 }.Select(key => counts.Of(key, now)));
        Assert.Equal(3, counts.Keys);
    }

    [Fact]
    public void A_renewed_key_stays_and_takes_no_room_for_it()
    {
        var counts = new WindowedCounts<int>(Window, keysMax: 4);
        var now = DateTimeOffset.UnixEpoch;
        counts.Renew(1, now);
        for (var i = 0; i < 100; i++)
        {
            now += TimeSpan.FromSeconds(1);
            counts.Renew(1, now);
            Assert.True(counts.Of(1, now) > 0);
            Assert.Equal(1, counts.Keys);
        }

        Assert.Equal(0, counts.Of(1, now + Window));
    }
}

using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Relay.Spool.Tests.Simulation;

/// <summary>The spool's promises under crashes and failures at every operation: I1, I2, I4, I5 and its part of I3.</summary>
public sealed class SimulationTests
{
    /// <summary>Seeds of one run; <c>RELAY_SPOOL_SEEDS</c> sets another number.</summary>
    private const int SeedsDefault = 12_000;

    private readonly ITestOutputHelper _output;

    public SimulationTests(ITestOutputHelper output)
    {
        _output = output;
    }

    /// <summary><c>RELAY_SPOOL_SEED</c> replays a single seed.</summary>
    [Fact]
    public void Spool_keeps_its_promises_whenever_it_crashes_or_its_disk_fails()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("RELAY_SPOOL_SEED"), out var single))
        {
            new SimulatedSpool(single).Run();
            return;
        }

        var seeds = int.TryParse(Environment.GetEnvironmentVariable("RELAY_SPOOL_SEEDS"), out var set) ? set : SeedsDefault;
        var failures = new ConcurrentBag<(int Seed, Exception Error)>();
        Parallel.For(1, seeds + 1, (seed, loop) =>
        {
            try
            {
                new SimulatedSpool(seed).Run();
            }
            catch (Exception error)
            {
                failures.Add((seed, error));
                if (failures.Count >= 5)
                {
                    loop.Stop();
                }
            }
        });

        foreach (var (seed, error) in failures.OrderBy(failure => failure.Seed))
        {
            _output.WriteLine($"RELAY_SPOOL_SEED={seed}: {error}");
        }

        Assert.True(failures.IsEmpty, $"Seeds that fail: {string.Join(", ", failures.Select(failure => failure.Seed).Order())}; replay one with RELAY_SPOOL_SEED");
    }
}

using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Relay.Spool.Tests.Simulation;

/// <summary>The spool's promises under crashes and failures at every operation: I1, I2, I4, I5 and its part of I3.</summary>
public sealed class SimulationTests
{
    /// <summary>Seeds of one run; <c>RELAY_SPOOL_SEEDS</c> sets another number.</summary>
    private const int SeedsDefault = 12_000;

    private const int DamageSeedsDefault = 3_000;

    private readonly ITestOutputHelper _output;

    public SimulationTests(ITestOutputHelper output)
    {
        _output = output;
    }

    /// <summary><c>RELAY_SPOOL_SEED</c> replays a single seed.</summary>
    [Fact]
    public void Spool_keeps_its_promises_whenever_it_crashes_or_its_disk_fails() =>
        RunSeeds("RELAY_SPOOL_SEED", SeedsDefault, static seed => new SimulatedSpool(seed).Run());

    /// <summary><c>RELAY_SPOOL_DAMAGE_SEED</c> replays a single seed.</summary>
    [Fact]
    public void Opening_reports_damage_and_keeps_everything_else_wherever_the_files_are_damaged() =>
        RunSeeds("RELAY_SPOOL_DAMAGE_SEED", DamageSeedsDefault, static seed => new DamagedSpool(seed).Run());

    private void RunSeeds(string variable, int seedsDefault, Action<int> run)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(variable), out var single))
        {
            run(single);
            return;
        }

        var seeds = int.TryParse(Environment.GetEnvironmentVariable("RELAY_SPOOL_SEEDS"), out var set) ? set : seedsDefault;
        var failures = new ConcurrentBag<(int Seed, Exception Error)>();
        Parallel.For(1, seeds + 1, (seed, loop) =>
        {
            try
            {
                run(seed);
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
            _output.WriteLine($"{variable}={seed}: {error}");
        }

        var failed = string.Join(", ", failures.Select(failure => failure.Seed).Order());
        Assert.True(failures.IsEmpty, $"Seeds that fail: {failed}; replay one with {variable}");
    }
}

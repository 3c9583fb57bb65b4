using System.Globalization;

namespace Relay.Smtp.Tests;

/// <summary>
/// Runs a random test over and over: 3 s, or <c>RELAY_FUZZ_SECONDS</c>. A failure names its seed; <c>RELAY_FUZZ_SEED</c> runs only that one.
/// </summary>
internal static class FuzzLoop
{
    private const double SecondsDefault = 3;

    /// <summary>Runs until the time is up.</summary>
    /// <param name="once">One run; everything random in it must come from the generator given.</param>
    public static void Run(Action<Random> once)
    {
        if (Setting("RELAY_FUZZ_SEED") is { } only)
        {
            once(new Random((int)only));
            return;
        }

        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var length = TimeSpan.FromSeconds(Setting("RELAY_FUZZ_SECONDS") ?? SecondsDefault);
        var seed = Random.Shared.Next();
        do
        {
            try
            {
                once(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Failed with RELAY_FUZZ_SEED={seed}: {exception.Message}", exception);
            }

            seed = unchecked(seed + 1) & int.MaxValue;
        }
        while (time.GetElapsedTime(start) < length);
    }

    private static double? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}

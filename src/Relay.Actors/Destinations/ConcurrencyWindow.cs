namespace Relay.Actors.Destinations;

/// <summary>How many attempts may be on at one destination at once: grows as long as it copes, shrinks when it does not. Pure.</summary>
/// <remarks>
/// As Postfix's queue manager does it: a success adds 1/N to a window of N, so that a whole window of successes adds one; a failure takes 1/N.
/// A peer that asks for patience halves it, once for each window of attempts. Failures that make up a whole window without a success between
/// them (a cohort) mean that the site is dead.
/// </remarks>
internal sealed class ConcurrencyWindow
{
    /// <summary>The window of a destination that nothing is known of.</summary>
    public const double Initial = 5;

    private double _failedCohorts;
    private double _endedSinceHalved = double.MaxValue;

    /// <summary>The window, in attempts.</summary>
    public double Size { get; private set; } = Initial;

    /// <summary>Attempts that may be on at once; at least one.</summary>
    /// <param name="max">The policy's bound.</param>
    public int Allowed(int max) => Math.Max(1, (int)Math.Min(Size, max));

    /// <summary>An attempt came through.</summary>
    /// <param name="busy">Attempts that were on: a window that is not used does not grow.</param>
    /// <param name="max">The policy's bound.</param>
    public void Succeeded(int busy, int max)
    {
        _failedCohorts = 0;
        _endedSinceHalved++;
        if (Size < busy + Initial)
        {
            Size = Math.Min(Math.Max(max, 1), Size + (1 / Size));
        }
    }

    /// <summary>A connection failed or broke.</summary>
    /// <returns>True when a whole cohort has failed: the site is dead.</returns>
    public bool Failed()
    {
        _failedCohorts += 1 / Size;
        Size = Math.Max(1, Size - (1 / Size));
        return _failedCohorts >= 1;
    }

    /// <summary>The peer asks for patience: 421, or a 4xx with an enhanced code of 4.7.</summary>
    public void SlowDown()
    {
        _endedSinceHalved++;
        if (_endedSinceHalved >= Size)
        {
            _endedSinceHalved = 0;
            Size = Math.Max(1, Size / 2);
        }
    }

    /// <summary>The site was given up; it begins anew.</summary>
    public void Reset()
    {
        Size = Initial;
        _failedCohorts = 0;
        _endedSinceHalved = double.MaxValue;
    }
}

using Relay.Policy.Decisions;
using Relay.Policy.Limits;

namespace Relay.Actors.Destinations;

/// <summary>How fast messages may go to one destination: as the policy's rate says, and no faster. Pure.</summary>
internal sealed class DestinationPace
{
    private Gcra _bucket;

    /// <summary>How long until a message may go; zero when one may now.</summary>
    /// <param name="rules">The rate; another one than before holds at once, and what is owed stays owed as time.</param>
    /// <param name="now">The time now, in ticks of a clock that does not run backwards.</param>
    public TimeSpan WaitFor(DestinationRules rules, long now) =>
        rules.Budget is { } budget ? _bucket.TimeUntil(now, budget, 1) : TimeSpan.Zero;

    /// <summary>A message goes.</summary>
    /// <param name="rules">The rate.</param>
    /// <param name="now">The time now.</param>
    public void Begin(DestinationRules rules, long now)
    {
        if (rules.Budget is { } budget)
        {
            _bucket.Debit(now, budget, 1);
        }
    }

    /// <summary>How long until nothing is owed, and so nothing need be remembered.</summary>
    public TimeSpan UntilRested(long now) => _bucket.TimeUntilFull(now);
}

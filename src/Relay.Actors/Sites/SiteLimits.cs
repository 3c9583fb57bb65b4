namespace Relay.Actors.Sites;

/// <summary>The bounds of looking up sites.</summary>
public sealed record SiteLimits
{
    /// <summary>Look-ups at once; the others wait, the oldest first. Default 64.</summary>
    public int LookupsMax { get; init; } = 64;

    /// <summary>Domains that may wait for a look-up; the mail of those above it is deferred. Default 100,000.</summary>
    public int WaitingMax { get; init; } = 100_000;

    /// <summary>One look-up with all its questions takes this at the most. Default 45 seconds: time for two questions after each other.</summary>
    public TimeSpan LookupTime { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A domain whose look-up failed by our own doing is looked up again after this. Default 1 minute.</summary>
    public TimeSpan FailureTime { get; init; } = TimeSpan.FromMinutes(1);
}

namespace Relay.Actors.Sites;

/// <summary>The bounds of looking up sites.</summary>
public sealed record SiteLimits
{
    /// <summary>Look-ups at once; the others wait, and whose mail has the fewest on is next. Default 64.</summary>
    public int LookupsMax { get; init; } = 64;

    /// <summary>Of them for the mail of one sender. Default 32.</summary>
    public int LookupsPerSenderMax { get; init; } = 32;

    /// <summary>Look-ups at once, beside those, of what may wait: for mail without a sender, and of domains that gave no answer or whose site is known. Default 16.</summary>
    public int LaterLookupsMax { get; init; } = 16;

    /// <summary>Of them for the mail of one sender. Default 8.</summary>
    public int LaterLookupsPerSenderMax { get; init; } = 8;

    /// <summary>Domains that may wait for a look-up, and as many of what may wait; the mail of those above it is deferred. Default 100,000.</summary>
    public int WaitingMax { get; init; } = 100_000;

    /// <summary>One look-up with all its questions takes this at the most. Default 45 seconds: time for two questions after each other.</summary>
    public TimeSpan LookupTime { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A domain whose look-up failed by our own doing is looked up again after this. Default 1 minute.</summary>
    public TimeSpan FailureTime { get; init; } = TimeSpan.FromMinutes(1);
}

namespace Relay.Policy.Greylisting;

/// <summary><c>greylisting</c>: mail of strangers is told to come again before it is taken for the first time.</summary>
public sealed record GreylistRules
{
    /// <summary><c>greylisting.delay</c>: how long a sender that is not known has to wait before it comes again; zero, without the key: nobody has to.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary><c>greylisting.retryWindow</c>: whoever comes again later than this after its first try begins anew. Default 2 days.</summary>
    public TimeSpan RetryWindow { get; init; } = TimeSpan.FromDays(2);

    /// <summary><c>greylisting.remember</c>: how long a sender that came again is known, from its last mail. Default 35 days.</summary>
    public TimeSpan Remember { get; init; } = TimeSpan.FromDays(35);

    /// <summary>True unless nobody is told to come again.</summary>
    public bool IsOn => Delay > TimeSpan.Zero;
}

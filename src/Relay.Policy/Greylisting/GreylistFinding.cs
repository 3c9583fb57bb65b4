namespace Relay.Policy.Greylisting;

/// <summary>What is to become of a triplet.</summary>
/// <param name="Left">How long it has to wait before it comes again; zero: it passes.</param>
/// <param name="IsFirst">It comes for the first time, or came again and passes for the first time.</param>
public readonly record struct GreylistFinding(TimeSpan Left, bool IsFirst)
{
    /// <summary>True when it is to be taken.</summary>
    public bool Passes => Left <= TimeSpan.Zero;
}

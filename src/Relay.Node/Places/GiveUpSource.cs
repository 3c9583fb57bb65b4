namespace Relay.Node.Places;

/// <summary>Makes the sources that tell look-ups to give up.</summary>
internal static class GiveUpSource
{
    /// <summary>A source without a timer and without a link to others: it holds nothing that would have to be disposed, and may be cancelled however late.</summary>
    public static CancellationTokenSource Create() => new();
}

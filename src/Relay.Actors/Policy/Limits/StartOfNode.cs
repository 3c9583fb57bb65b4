namespace Relay.Actors.Policy.Limits;

/// <summary>The time from a node's start until it has met the budgets, in which it gives out no share. Thread-safe.</summary>
/// <remarks>A node that has just started is not one that was cut off: the others are giving out all of the rate. It cannot wait for them for
/// ever either, since they may be dead.</remarks>
/// <param name="isOneOfSeveral">False for a cluster of one, whose share is all.</param>
/// <param name="bounds">How long it may take.</param>
/// <param name="time">The clock.</param>
public sealed class StartOfNode(bool isOneOfSeveral, LimitBounds bounds, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private volatile bool _isOver = !isOneOfSeveral;

    /// <summary>True while no share may be given out.</summary>
    public bool IsOn => !_isOver && time.GetElapsedTime(_began) < bounds.StartTime;

    /// <summary>The budgets were met.</summary>
    public void End() => _isOver = true;
}

namespace Relay.Node.Recipients;

/// <summary>Whether a next hop is to be left alone: it could not be asked, or was lost over several recipients in a row. Not thread-safe.</summary>
/// <remarks>One recipient that a next hop hangs on, or leaves at, says nothing of the others: whoever knows one must not close the next hop to all.</remarks>
internal sealed class HopTrouble(CalloutLimits limits, TimeProvider time)
{
    private readonly HashSet<string> _losses = new(StringComparer.Ordinal); // recipients since the last clear answer
    private long? _since;

    /// <summary>It is to be left alone.</summary>
    public bool IsOn => _since is { } since && time.GetElapsedTime(since) < limits.TroubleTime;

    /// <summary>It gave a clear answer.</summary>
    public void Answered() => _losses.Clear();

    /// <summary>It could not be asked.</summary>
    public void Begin()
    {
        _losses.Clear();
        _since = time.GetTimestamp();
    }

    /// <summary>The connection was lost over a recipient, or no answer came in time.</summary>
    public void Lost(string recipient)
    {
        if (_losses.Add(recipient) && _losses.Count >= limits.LossesMax)
        {
            Begin();
        }
    }
}

namespace Relay.Node.Composition;

/// <summary>Stops the node as SIGTERM does: it drains, leaves the cluster, and its process ends. What is queued stays on its disk.</summary>
internal sealed partial class NodeStop
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _log;

    public NodeStop(IHostApplicationLifetime lifetime, ILogger<NodeStop> log)
    {
        _lifetime = lifetime;
        _log = log;
    }

    /// <summary>Begins the stop and returns at once; the API answers until the drain is over. Again while it is on: nothing more happens.</summary>
    /// <param name="reason">Why, for the log.</param>
    public void Begin(string reason)
    {
        LogStopping(reason);
        _lifetime.StopApplication();
    }

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "stopping: {Reason:l}")]
    private partial void LogStopping(string reason);
}

namespace Relay.Flood.Sink;

/// <summary>Someone in the same process who wants to see every accepted message.</summary>
/// <param name="OnMessage">
/// Called for every accepted message before its reply is sent, from many threads at a time. It must be quick. What it throws refuses the
/// message and counts as a failure.
/// </param>
/// <param name="WithContent">Hand over the content octets too: then each message is in memory whole.</param>
public sealed record SinkObserver(Action<SinkMessage> OnMessage, bool WithContent = false);

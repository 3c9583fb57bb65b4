using Relay.Flood.Sink;

namespace Relay.Flood.Scenarios;

/// <summary>Hands what a sink takes to the run that is on: the sink is there before it.</summary>
internal sealed class SinkMailbox
{
    public Action<SinkMessage>? OnMessage { get; set; }

    public void Take(SinkMessage message) => OnMessage?.Invoke(message);
}

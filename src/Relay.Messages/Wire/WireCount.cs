using Akka.Actor.Setup;

namespace Relay.Messages.Wire;

/// <summary>Counts the messages that a node has sent to others. Thread-safe; it outlives the cluster's system.</summary>
public sealed class WireCount
{
    private long _sent;

    /// <summary>So many since the process started.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    internal void Add() => Interlocked.Increment(ref _sent);
}

/// <summary>Brings the count to the serializer, which Akka makes.</summary>
/// <param name="count">What counts.</param>
public sealed class WireSetup(WireCount count) : Setup
{
    /// <summary>What counts.</summary>
    public WireCount Count { get; } = count;
}

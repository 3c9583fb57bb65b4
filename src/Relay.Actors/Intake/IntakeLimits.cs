namespace Relay.Actors.Intake;

/// <summary>The bounds of admission on one node.</summary>
public sealed record IntakeLimits
{
    /// <summary>Room reserved for a body whose size the client did not declare, in octets. Default 64 KiB; the spool itself bounds the rest.</summary>
    public long UndeclaredBytes { get; init; } = 64 * 1024;

    /// <summary>Messages in the queue, over which none is accepted. Default 1,000,000 (about 1 KB of memory each).</summary>
    public long QueueMessagesMax { get; init; } = 1_000_000;
}

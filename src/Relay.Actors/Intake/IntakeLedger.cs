using Relay.Smtp.Replies;

namespace Relay.Actors.Intake;

/// <summary>What is known of the node's room at the moment of a decision.</summary>
/// <param name="FreeBytes">Octets that the spool can still take within its quota.</param>
/// <param name="SpoolHealthy">False while no segment can be written.</param>
/// <param name="QueueMessages">Messages in the queue.</param>
public readonly record struct IntakeRoom(long FreeBytes, bool SpoolHealthy, long QueueMessages);

/// <summary>The sum of all reservations, and the decision on the next one. Pure: no actor, no clock, no disk.</summary>
public sealed class IntakeLedger
{
    private static readonly SmtpReply SpoolDown = new(451, new(4, 3, 0), "Mail cannot be stored at the moment, try again later");
    private static readonly SmtpReply SpoolFull = new(452, new(4, 3, 1), "Insufficient system storage, try again later");
    private static readonly SmtpReply QueueFull = new(452, new(4, 3, 1), "Too many messages are queued, try again later");

    private readonly IntakeLimits _limits;

    /// <summary>Starts with nothing reserved.</summary>
    public IntakeLedger(IntakeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
    }

    /// <summary>Octets reserved now; 0 when idle (I4).</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>Reserves room, or says why not.</summary>
    /// <param name="declaredBytes">What the client declared, in octets, or null.</param>
    /// <param name="room">The node's room now.</param>
    /// <param name="bytes">What was reserved; 0 when refused.</param>
    /// <returns>Null when reserved, else the reply to give.</returns>
    public SmtpReply? Reserve(long? declaredBytes, in IntakeRoom room, out long bytes)
    {
        bytes = 0;
        if (!room.SpoolHealthy)
        {
            return SpoolDown;
        }

        if (room.QueueMessages >= _limits.QueueMessagesMax)
        {
            return QueueFull;
        }

        var wanted = declaredBytes ?? _limits.UndeclaredBytes;
        if (wanted > room.FreeBytes - ReservedBytes)
        {
            return SpoolFull;
        }

        bytes = wanted;
        ReservedBytes += wanted;
        return null;
    }

    /// <summary>Gives a reservation back.</summary>
    /// <exception cref="InvalidOperationException">More is given back than was reserved: a bug of the caller.</exception>
    public void Release(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > ReservedBytes)
        {
            throw new InvalidOperationException($"{bytes} octets are given back, but only {ReservedBytes} are reserved.");
        }

        ReservedBytes -= bytes;
    }
}

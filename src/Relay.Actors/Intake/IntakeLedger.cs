using Relay.Messages.Intake;
using Relay.Smtp.Replies;

namespace Relay.Actors.Intake;

/// <summary>What is known of the node's room at the moment of a decision.</summary>
/// <param name="FreeBytes">Octets that the spool can still take within its quota.</param>
/// <param name="SpoolHealthy">False while no segment can be written.</param>
/// <param name="QueueMessages">Messages in the queue.</param>
public readonly record struct IntakeRoom(long FreeBytes, bool SpoolHealthy, long QueueMessages)
{
    /// <summary>Senders' shares shrink with the room that is left.</summary>
    public bool IsPressed { get; init; }
}

/// <summary>Decides on room for mails, against what is on its way, the spool and the sender's share. No actor, no clock, no disk. Thread-safe.</summary>
public sealed class IntakeLedger
{
    private readonly IntakeLimits _limits;
    private readonly Func<IntakeRoom> _room;
    private readonly long[] _refused = new long[Enum.GetValues<Admission>().Length];

    /// <summary>Starts with nothing held.</summary>
    /// <param name="limits">The bounds.</param>
    /// <param name="shares">Who has how much.</param>
    /// <param name="room">Reads the node's room; called for every mail, so it must be cheap and thread-safe.</param>
    public IntakeLedger(IntakeLimits limits, SpoolShares shares, Func<IntakeRoom> room)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(room);
        (_limits, Shares, _room) = (limits, shares, room);
    }

    /// <summary>Who has how much.</summary>
    public SpoolShares Shares { get; }

    /// <summary>How much of what may be on its way is, from 0 to 1.</summary>
    public double UnderWay => (double)Shares.HeldBytes / _limits.UnderWayBytesMax;

    /// <summary>Called after room was given back, on whatever thread gave it.</summary>
    public Action? Freed { get; set; }

    /// <summary>Times that a kind of refusal was given.</summary>
    public long RefusalsOf(Admission admission) => Interlocked.Read(ref _refused[(int)admission]);

    /// <summary>Counts a refusal.</summary>
    public SmtpReply Refuse(Admission admission)
    {
        Interlocked.Increment(ref _refused[(int)admission]);
        return Admissions.ReplyOf(admission);
    }

    /// <summary>Holds room for a mail, or says why not.</summary>
    /// <param name="key">Whose mail it is.</param>
    /// <param name="declaredBytes">What the client declared, in octets, or null.</param>
    /// <param name="hold">The room; null when it is not granted.</param>
    public Admission Reserve(ShareKey key, long? declaredBytes, out ISpaceHold? hold)
    {
        hold = null;
        var room = _room();
        if (!room.SpoolHealthy)
        {
            return Admission.SpoolDown;
        }

        if (room.QueueMessages >= _limits.QueueMessagesMax)
        {
            return Admission.QueueFull;
        }

        var bytes = declaredBytes ?? _limits.UndeclaredBytes;
        var admission = Shares.TryHold(key, bytes, (share, held) => Judge(share, held, bytes, room), out var holder);
        if (holder is not null)
        {
            hold = new SpaceHold(this, holder, bytes);
        }

        return admission;
    }

    private Admission Judge(SpoolShare share, long held, long bytes, in IntakeRoom room)
    {
        var admission = JudgeStored(share, held, bytes, room, isFirst: share.Messages == 0);
        if (admission != Admission.Granted || held == 0)
        {
            return admission;
        }

        // Whoever holds something gets no more than it leaves to the others: so there is room for one who comes new, however many hold something.
        var left = _limits.UnderWayBytesMax - held;
        return bytes > left || (share.HeldBytes > 0 && share.HeldBytes + bytes > left) ? Admission.Wait : Admission.Granted;
    }

    private Admission JudgeStored(SpoolShare share, long held, long bytes, in IntakeRoom room, bool isFirst)
    {
        var left = room.FreeBytes - held;
        var shareMax = room.IsPressed ? Math.Min(_limits.SenderBytesMax, left / IntakeLimits.PartsUnderPressure) : _limits.SenderBytesMax;
        // One mail fits any share: a share that is smaller than the largest mail would otherwise refuse that for ever.
        if (!isFirst && (share.Bytes + bytes > shareMax || share.Messages >= _limits.SenderMessagesMax))
        {
            return Admission.ShareUsedUp;
        }

        return bytes > left ? Admission.SpoolFull : Admission.Granted;
    }

    private Admission TryGrow(SpoolShare share, long bytes)
    {
        var room = _room();
        return Shares.TryGrow(share, bytes, (grown, held) => JudgeStored(grown, held, bytes, room, isFirst: grown.Messages == 1));
    }

    private void Release(SpoolShare share, long bytes)
    {
        Shares.Release(share, bytes);
        Freed?.Invoke();
    }

    private sealed class SpaceHold(IntakeLedger ledger, SpoolShare share, long bytes) : ISpaceHold
    {
        private readonly Lock _lock = new();
        private bool _isReleased;

        public long Bytes { get; private set; } = bytes;

        public SmtpReply? GrowTo(long bytes, long spare = 0)
        {
            lock (_lock)
            {
                if (_isReleased || bytes <= Bytes)
                {
                    return null;
                }

                if (spare > 0 && ledger.TryGrow(share, bytes + spare - Bytes) == Admission.Granted)
                {
                    Bytes = bytes + spare;
                    return null;
                }

                if (ledger.TryGrow(share, bytes - Bytes) is var admission && admission != Admission.Granted)
                {
                    return ledger.Refuse(admission);
                }

                Bytes = bytes;
                return null;
            }
        }

        public void ShrinkTo(long bytes)
        {
            long spare;
            lock (_lock)
            {
                spare = Bytes - bytes;
                if (_isReleased || spare <= 0)
                {
                    return;
                }

                Bytes = bytes;
                ledger.Shares.Shrink(share, spare);
            }

            ledger.Freed?.Invoke();
        }

        public void Release()
        {
            lock (_lock)
            {
                if (_isReleased)
                {
                    return;
                }

                _isReleased = true;
            }

            ledger.Release(share, Bytes);
        }
    }
}

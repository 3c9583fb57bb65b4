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

    /// <summary>Octets of the free room that strangers leave to users and to clients that may relay.</summary>
    public long KeptBytes { get; init; }
}

/// <summary>Decides on room for mails, against what is on its way, the spool and the sender's share. No actor, no clock, no disk. Thread-safe.</summary>
public sealed class IntakeLedger
{
    private readonly IntakeLimits _limits;
    private readonly Func<IntakeRoom> _room;
    private readonly HeldMails _holds = new();
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

    /// <summary>Mails that had to give way.</summary>
    public long GivenWay => _holds.GivenWay;

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
    /// <param name="now">The time, on any clock that goes on.</param>
    /// <param name="hold">The room; null when it is not granted.</param>
    public Admission Reserve(ShareKey key, long? declaredBytes, TimeSpan now, out ISpaceHold? hold)
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

        var bytes = BytesFor(declaredBytes);
        var admission = Shares.TryHold(key, bytes, (share, held) => Judge(share, held, bytes, room), out var holder);
        if (holder is not null)
        {
            var made = new SpaceHold(this, holder, bytes, now);
            _holds.Add(made);
            hold = made;
        }

        return admission;
    }

    /// <summary>Has slow mails give way to others that have waited for room, where that would make room for them (<see cref="HeldMails"/>).</summary>
    /// <param name="waiting">Whose mail waits, and the octets that it declared.</param>
    /// <param name="now">The time, on the clock of <see cref="Reserve"/>.</param>
    public void MakeWay(IReadOnlyList<(ShareKey Key, long? DeclaredBytes)> waiting, TimeSpan now) => _holds.MakeWay(
        [.. waiting.Select(waiter => new RoomWanted(
            waiter.Key, BytesFor(waiter.DeclaredBytes), Shares.Find(waiter.Key.Joint ?? waiter.Key)?.HeldBytes ?? 0))],
        _limits,
        now);

    /// <summary>Holds more for a mail that is on its way.</summary>
    internal Admission TryGrow(SpoolShare share, long from, long to)
    {
        var (room, bytes) = (_room(), to - from);
        return Shares.TryGrow(share, bytes, (grown, held) =>
            JudgeStored(grown, held, bytes, room, own: 1) is var stored && stored != Admission.Granted ? stored
            : bytes <= (held.Of(grown.Key.IsTrusted) == from ? RoomForOne(held, from) : LeftFor(grown.Key, held)) ? Admission.Granted
            : Admission.Congested);
    }

    /// <summary>Gives back a part of what is held for a mail that is on its way.</summary>
    internal void Shrink(SpoolShare share, long bytes)
    {
        Shares.Shrink(share, bytes);
        Freed?.Invoke();
    }

    /// <summary>Gives back all that is held for a mail.</summary>
    internal void Release(SpaceHold hold)
    {
        _holds.Remove(hold);
        Shares.Release(hold.Share, hold.Bytes);
        Freed?.Invoke();
    }

    private long BytesFor(long? declaredBytes) => declaredBytes ?? _limits.UndeclaredBytes;

    private Admission Judge(SpoolShare share, HeldRoom held, long bytes, in IntakeRoom room)
    {
        var admission = JudgeStored(share, held, bytes, room, own: 0);
        if (admission != Admission.Granted)
        {
            return admission;
        }

        if (held.Of(share.Key.IsTrusted) == 0)
        {
            return bytes <= RoomForOne(held, 0) ? Admission.Granted : Admission.Wait;
        }

        // Whoever holds something gets no more than it leaves to the others: so there is room for one who comes new, however many hold something.
        var left = LeftFor(share.Key, held);
        for (var part = share; part is not null; part = part.Joint)
        {
            if (part.HeldBytes > 0 && part.HeldBytes + bytes > left)
            {
                return Admission.Wait;
            }
        }

        return bytes > left ? Admission.Wait : Admission.Granted;
    }

    // What strangers hold leaves room to those who are trusted, and the other way round.
    private long LeftFor(ShareKey key, in HeldRoom held)
    {
        var most = _limits.UnderWayBytesMax;
        var part = key.IsTrusted ? most - (most / IntakeLimits.StrangersOwnParts) : most / IntakeLimits.StrangersParts;
        return Math.Min(part - held.Of(key.IsTrusted), most - held.All);
    }

    // One mail fits any part, and one that is alone fits whatever it takes.
    private long RoomForOne(in HeldRoom held, long own) => held.All == own ? long.MaxValue : _limits.UnderWayBytesMax - held.All;

    private Admission JudgeStored(SpoolShare share, in HeldRoom held, long bytes, in IntakeRoom room, int own)
    {
        var left = room.FreeBytes - held.All;
        var shareMax = room.IsPressed ? Math.Min(_limits.SenderBytesMax, left / IntakeLimits.PartsUnderPressure) : _limits.SenderBytesMax;
        for (var part = share; part is not null; part = part.Joint)
        {
            var shares = part.Key.IsJoint ? IntakeLimits.JointShares : 1;
            // One mail fits any share: a share that is smaller than the largest mail would otherwise refuse that for ever.
            if (part.Messages > own && (part.Bytes + bytes > Times(shareMax, shares) || part.Messages - own >= Times(_limits.SenderMessagesMax, shares)))
            {
                return Admission.ShareUsedUp;
            }
        }

        // Strangers alone cannot fill the spool so far that those are refused who may relay.
        return bytes > (share.Key.IsTrusted ? left : left - room.KeptBytes) ? Admission.SpoolFull : Admission.Granted;
    }

    private static long Times(long bound, int times) => bound > long.MaxValue / times ? long.MaxValue : bound * times;
}

namespace Relay.Actors.Intake;

/// <summary>The bounds of admission on one node.</summary>
public sealed record IntakeLimits
{
    /// <summary>A sender's default share of the spool: a tenth of its quota, and this many octets at the least. 64 MiB.</summary>
    public const long SenderBytesMin = 64L << 20;

    /// <summary>A sender's default share is never more than one part in so many. 4.</summary>
    public const long SenderPartsMin = 4;

    /// <summary>Under pressure a sender's share is at most one part in so many of the room that is left. 8.</summary>
    public const long PartsUnderPressure = 8;

    /// <summary>All /64 of one IPv6 /48, and all domains of one network that may relay, have so many shares together. 2.</summary>
    public const int JointShares = 2;

    /// <summary>Strangers together hold at most one part in so many of <see cref="UnderWayBytesMax"/>. 2.</summary>
    public const int StrangersParts = 2;

    /// <summary>Users and clients that may relay leave at least one part in so many of <see cref="UnderWayBytesMax"/> to strangers. 4.</summary>
    public const int StrangersOwnParts = 4;

    /// <summary>Strangers leave one part in so many of the spool's room: less than from where pressure refuses mail of clients that may relay. 5.</summary>
    public const int KeptParts = 5;

    /// <summary>Room held for a body whose size the client did not declare, in octets. Default 64 KiB.</summary>
    public long UndeclaredBytes { get; init; } = 64 * 1024;

    /// <summary>Messages in the queue, over which none is accepted. Default 1,000,000 (about 1 KB of memory each).</summary>
    public long QueueMessagesMax { get; init; } = 1_000_000;

    /// <summary>A sender's share of the spool in octets: what is queued of its mail, and what is held for mail on its way.</summary>
    public long SenderBytesMax { get; init; } = long.MaxValue;

    /// <summary>A sender's share of the queue, in messages.</summary>
    public long SenderMessagesMax { get; init; } = long.MaxValue;

    /// <summary>Octets held for all mail on its way. A sender that has mail on its way gets at most as much as is then left to the others.</summary>
    public long UnderWayBytesMax { get; init; } = long.MaxValue;

    /// <summary>Mails that wait for room on their way; more are told to come again, the last of whoever has most. Default 1,000.</summary>
    public int WaitingMax { get; init; } = 1_000;

    /// <summary>A mail waits this long for room on its way. Default 5 s; clients wait 5 minutes for an answer to MAIL (RFC 5321 section 4.5.3.2.2).</summary>
    public TimeSpan WaitTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When a mail has waited this long for room, slow ones give way to it. Default 1 s.</summary>
    public TimeSpan MakeWayAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A mail that others wait for gives way when it would take longer than this for the room that it holds, at its pace since MAIL. Default 1 minute.</summary>
    public TimeSpan GiveWayTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>No mail gives way before this. Default 5 s.</summary>
    public TimeSpan GiveWayAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>These for a spool.</summary>
    /// <param name="quotaBytes">What the spool's files may take, in octets.</param>
    /// <param name="senderBytes">A sender's share; null for the default.</param>
    public IntakeLimits For(long quotaBytes, long? senderBytes = null)
    {
        var share = Math.Min(quotaBytes, senderBytes ?? Math.Min(Math.Max(SenderBytesMin, quotaBytes / 10), quotaBytes / SenderPartsMin));
        return this with
        {
            SenderBytesMax = share,
            SenderMessagesMax = (long)Math.Ceiling((double)share / quotaBytes * QueueMessagesMax),
            UnderWayBytesMax = Math.Max(SenderBytesMin, quotaBytes / 4),
        };
    }
}

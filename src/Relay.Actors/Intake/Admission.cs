using Relay.Smtp.Replies;

namespace Relay.Actors.Intake;

/// <summary>What becomes of a mail that asks for room.</summary>
public enum Admission
{
    /// <summary>The room is held.</summary>
    Granted,

    /// <summary>Too much is on its way: it may be tried again as soon as some of that has ended.</summary>
    Wait,

    /// <summary>The sender has used up its share of the spool.</summary>
    ShareUsedUp,

    /// <summary>The spool has no room.</summary>
    SpoolFull,

    /// <summary>The queue holds as many messages as it may.</summary>
    QueueFull,

    /// <summary>The spool cannot be written.</summary>
    SpoolDown,

    /// <summary>It has waited too long, or too many wait.</summary>
    Congested,
}

/// <summary>What clients and logs are told of admissions that were not granted.</summary>
public static class Admissions
{
    private static readonly SmtpReply Share = new(452, new(4, 3, 1), "Too much mail of yours is waiting here, try again later");
    private static readonly SmtpReply Full = new(452, new(4, 3, 1), "Insufficient system storage, try again later");
    private static readonly SmtpReply Queue = new(452, new(4, 3, 1), "Too many messages are queued, try again later");
    private static readonly SmtpReply Down = new(451, new(4, 3, 0), "Mail cannot be stored at the moment, try again later");
    private static readonly SmtpReply Congestion = new(451, new(4, 4, 5), "Too much mail is on its way, try again later");

    /// <summary>Those that refuse, in the order of metrics.</summary>
    public static readonly IReadOnlyList<Admission> Refusals =
        [Admission.ShareUsedUp, Admission.SpoolFull, Admission.QueueFull, Admission.SpoolDown, Admission.Congested];

    /// <summary>What the client is told.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not refused.</exception>
    public static SmtpReply ReplyOf(Admission admission) => admission switch
    {
        Admission.ShareUsedUp => Share,
        Admission.SpoolFull => Full,
        Admission.QueueFull => Queue,
        Admission.SpoolDown => Down,
        Admission.Congested => Congestion,
        _ => throw new ArgumentOutOfRangeException(nameof(admission), admission, "It is not refused."),
    };

    /// <summary>The rule in the log, and the reason in metrics.</summary>
    public static string NameOf(Admission admission) => admission switch
    {
        Admission.ShareUsedUp => "share",
        Admission.SpoolFull or Admission.SpoolDown => "spool",
        Admission.QueueFull => "queue",
        Admission.Congested => "congestion",
        _ => "none",
    };
}

using Relay.Smtp.Replies;

namespace Relay.Actors.Pressure;

/// <summary>What each level of pressure does: the one place that says it. docs/limits.md has the same table.</summary>
/// <remarks>Deliveries are slowed at no level: draining is the cure.</remarks>
public static class PressureTable
{
    private static readonly SmtpReply Busy = new(452, new(4, 3, 1), "Too little room for mail at the moment, try again later");
    private static readonly SmtpReply Overloaded = new(421, new(4, 3, 2), "Service overloaded, try again later");

    private static readonly PressureEffects[] Levels =
    [
        new(PressureLevel.Normal, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30), 500),
        new(PressureLevel.Medium, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10), 2_000) { SharesShrink = true },
        new(PressureLevel.High, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), 8_000)
        {
            SharesShrink = true,
            StrangersMail = Busy,
            Readiness = PressureReadiness.NotWhileMostOthersAreBelow,
        },
        new(PressureLevel.Critical, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), 8_000)
        {
            SharesShrink = true,
            StrangersMail = Overloaded,
            UsersMail = Overloaded,
            Connections = Overloaded,
            Readiness = PressureReadiness.Never,
        },
    ];

    /// <summary>What a level does.</summary>
    public static PressureEffects Of(PressureLevel level) => Levels[(int)level];
}

/// <summary>What one level of pressure does. A reply of 421 also ends the connection.</summary>
/// <param name="Level">The level.</param>
/// <param name="CommandTime">Clients have this long for a command at the most.</param>
/// <param name="BodyGrace">A body's rate is judged from then on at the latest.</param>
/// <param name="BodyRateMin">A body must not be slower than this, in octets a second.</param>
public sealed record PressureEffects(PressureLevel Level, TimeSpan CommandTime, TimeSpan BodyGrace, int BodyRateMin)
{
    /// <summary>What a new connection is told before anything is allocated for it; null when it is let in.</summary>
    public SmtpReply? Connections { get; init; }

    /// <summary>What MAIL, and DATA or the first BDAT, of a client that has not logged in is answered; null when it is taken.</summary>
    public SmtpReply? StrangersMail { get; init; }

    /// <summary>The same for a client that has logged in.</summary>
    public SmtpReply? UsersMail { get; init; }

    /// <summary>A sender's share of the spool shrinks with the room that is left.</summary>
    public bool SharesShrink { get; init; }

    /// <summary>Whether a balancer is told to send connections elsewhere.</summary>
    public PressureReadiness Readiness { get; init; }

    /// <summary>What is said of the level in the log.</summary>
    public string Consequence => Level switch
    {
        PressureLevel.Normal => "everything is taken",
        PressureLevel.Medium => "senders get smaller shares of the spool, and clients less time",
        PressureLevel.High => $"mail of clients that have not logged in gets {StrangersMail!.Code} {StrangersMail.Status}",
        _ => $"connections and mail get {Connections!.Code} {Connections.Status}; deliveries go on",
    };

    /// <summary>What MAIL, and DATA or the first BDAT, is answered; null when it is taken.</summary>
    /// <param name="isUser">The client has logged in.</param>
    public SmtpReply? ForMail(bool isUser) => isUser ? UsersMail : StrangersMail;
}

/// <summary>When a node under pressure is ready for new connections.</summary>
public enum PressureReadiness
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>Not while most other nodes are below this level. A flood on all of them never empties the balancer's pool.</summary>
    NotWhileMostOthersAreBelow,

    /// <summary>Never.</summary>
    Never,
}

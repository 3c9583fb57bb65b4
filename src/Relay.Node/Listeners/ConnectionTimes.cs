using Relay.Actors.Pressure;

namespace Relay.Node.Listeners;

/// <summary>How long a client may take. Kestrel gives raw connections no time limits, so these are all there are.</summary>
public sealed record ConnectionTimes
{
    /// <summary>For one whole command, from the reply before it to its line end. Default 5 minutes (RFC 5321 section 4.5.3.2.7).</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A body must not be slower than this, in octets a second, once <see cref="BodyGrace"/> is over. Default 500, as Postfix.</summary>
    public int BodyRateMin { get; init; } = 500;

    /// <summary>A body's rate is not judged before this. Default 30 seconds.</summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the client to take what we have written. Default 1 minute.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For a TLS handshake as a whole; over it the connection is cut. Default 10 seconds.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For a balancer's PROXY header as a whole; over it the connection is closed. Default 5 seconds, as Postfix.</summary>
    public TimeSpan ProxyHeader { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the session to answer a MAIL; over it the client gets a 4xx. Default 10 seconds.</summary>
    public TimeSpan Decision { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Errors since the last accepted message for which replies do not wait. Default 5.</summary>
    public int TarpitErrors { get; init; } = 5;

    /// <summary>Mails refused for now since the last accepted one for which replies do not wait. Default 10.</summary>
    public int TarpitDeferrals { get; init; } = 10;

    /// <summary>What each error or such mail after them makes the replies to it wait. Default 1 second, as Postfix.</summary>
    public TimeSpan Tarpit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait, when many come together. Default 5 seconds.</summary>
    public TimeSpan TarpitMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often connections are looked at. Default 1 second; a limit is enforced this late at the most.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>These under pressure: shorter where the level leaves less, never longer.</summary>
    internal ConnectionTimes Under(PressureEffects effects) => effects.Level == PressureLevel.Normal ? this : this with
    {
        Command = Command < effects.CommandTime ? Command : effects.CommandTime,
        BodyGrace = BodyGrace < effects.BodyGrace ? BodyGrace : effects.BodyGrace,
        BodyRateMin = Math.Max(BodyRateMin, effects.BodyRateMin),
    };
}

using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>What an attack works with.</summary>
internal sealed record AttackContext(FloodSettings Settings, RunClock Clock, TimeSpan End)
{
    /// <summary>A conversation that is stuck for so long is given up.</summary>
    public static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    public AttackTally Tally { get; } = new();

    public IPEndPoint TargetOf(int number) => Settings.Targets[number % Settings.Targets.Count];

    public IPAddress? SourceOf(int attacker) => Settings.HasSourceAddresses ? SourceAddresses.OfAttacker(attacker) : null;

    /// <summary>Connects as an attacker and reads the greeting; null when it is no welcome.</summary>
    public async Task<SmtpTalk?> OpenAsync(int attacker, IPEndPoint target, bool withHello, CancellationToken cancellationToken)
    {
        var talk = await SmtpTalk.ConnectAsync(target, SourceOf(attacker), cancellationToken);
        try
        {
            Tally.CountConnection(attacker);
            var greeting = await talk.ReadAsync(cancellationToken);
            Tally.Replies.Add(greeting);
            if (greeting.IsPositive && (!withHello || await HelloAsync(talk, attacker, cancellationToken)))
            {
                return talk;
            }
        }
        catch
        {
            talk.Cut();
            throw;
        }

        talk.Cut();
        return null;
    }

    /// <summary>Says EHLO as an attacker; true when that is welcome.</summary>
    public static async Task<bool> HelloAsync(SmtpTalk talk, int attacker, CancellationToken cancellationToken) =>
        (await talk.AskAsync($"EHLO a{attacker}.attacker.example", cancellationToken)).IsPositive;

    /// <summary>Is this what happens to attackers, and no fault of ours?</summary>
    public static bool IsExpected(Exception e) =>
        e is SocketException or IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException;
}

/// <summary>Something that a cluster must stand.</summary>
internal interface IAttack
{
    /// <summary>Attacks until the end of its context, and leaves nothing behind that runs.</summary>
    Task RunAsync(AttackContext context, CancellationToken cancellationToken);
}

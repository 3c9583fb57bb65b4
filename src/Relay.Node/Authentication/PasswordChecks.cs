using System.Security.Cryptography;
using Relay.Smtp.Authentication;

namespace Relay.Node.Authentication;

/// <summary>Checks passwords on threads of its own: a few at once, some waiting, no more. Thread-safe.</summary>
/// <remarks>Clients that are known go first, so that a flood of guesses from elsewhere keeps nobody out.</remarks>
internal sealed class PasswordChecks
{
    /// <summary>Checks that wait, of known clients and of all others each; more get 454 4.7.0.</summary>
    public const int WaitingMax = 64;

    private readonly Lock _lock = new();
    private readonly Queue<Check> _known = new();
    private readonly Queue<Check> _others = new();
    private readonly int _atOnceMax;
    private int _running;
    private long _iterations;

    /// <summary>Makes it.</summary>
    /// <param name="atOnceMax">Checks that are on at once.</param>
    public PasswordChecks(int atOnceMax)
    {
        _atOnceMax = atOnceMax;
    }

    /// <summary>Checks at once by default: half of the processors, so that mail has the other half.</summary>
    public static int AtOnceMax => Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Iterations of all checks so far: the work that they were.</summary>
    public long Iterations => Volatile.Read(ref _iterations);

    /// <summary>Begins a check, or has it wait.</summary>
    /// <param name="verifier">The user's verifier, or an invented one.</param>
    /// <param name="password">The password as sent; overwritten when it is checked.</param>
    /// <param name="isKnown">True when the user has logged in from this client lately.</param>
    /// <returns>Whether it fits; null when too many wait.</returns>
    public Task<bool>? TryCheck(ScramVerifier verifier, Memory<byte> password, bool isKnown)
    {
        var check = new Check(verifier, password, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            var waiting = isKnown ? _known : _others;
            if (waiting.Count >= WaitingMax)
            {
                return null;
            }

            waiting.Enqueue(check);
            if (_running < _atOnceMax)
            {
                _running++;
                // A thread of its own: the pool's are for what never blocks.
                _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }

        return check.Done.Task;
    }

    private void Work()
    {
        while (Next() is { } check)
        {
            var fits = check.Verifier.IsOf(check.Password.Span);
            CryptographicOperations.ZeroMemory(check.Password.Span);
            Interlocked.Add(ref _iterations, check.Verifier.Iterations);
            check.Done.SetResult(fits);
        }
    }

    private Check? Next()
    {
        lock (_lock)
        {
            if (_known.TryDequeue(out var check) || _others.TryDequeue(out check))
            {
                return check;
            }

            _running--;
            return null;
        }
    }

    private sealed record Check(ScramVerifier Verifier, Memory<byte> Password, TaskCompletionSource<bool> Done);
}

using System.Security.Cryptography;
using Relay.Smtp.Authentication;

namespace Relay.Node.Authentication;

/// <summary>Checks passwords on threads of its own, which give way to mail: a few at once, some waiting, no more. Thread-safe.</summary>
internal sealed class PasswordChecks
{
    /// <summary>Checks that wait, of known clients and of all others each; more get 454 4.7.0, those of whoever has most first.</summary>
    public const int WaitingMax = 64;

    private readonly Lock _lock = new();
    private readonly PasswordTurns<Check> _waiting = new(WaitingMax);
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
    /// <param name="owner">Whose turn it takes.</param>
    /// <returns>What came of it.</returns>
    public Task<PasswordFinding> CheckAsync(ScramVerifier verifier, Memory<byte> password, PasswordOwner owner)
    {
        var check = new Check(verifier, password, new TaskCompletionSource<PasswordFinding>(TaskCreationOptions.RunContinuationsAsynchronously));
        Check? pushedOut;
        lock (_lock)
        {
            pushedOut = _waiting.Add(owner, check);
            if (_running < _atOnceMax && pushedOut != check)
            {
                _running++;
                // A thread of its own: the pool's are for what never blocks.
                _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
        }

        pushedOut?.End(PasswordFinding.NoPlace);
        return check.Done.Task;
    }

    private void Work()
    {
        BackgroundThread.Enter();
        while (Next() is { } check)
        {
            var fits = check.Verifier.IsOf(check.Password.Span);
            Interlocked.Add(ref _iterations, check.Verifier.Iterations);
            check.End(fits ? PasswordFinding.Fits : PasswordFinding.DoesNotFit);
        }
    }

    private Check? Next()
    {
        lock (_lock)
        {
            if (_waiting.Take() is { } check)
            {
                return check;
            }

            _running--;
            return null;
        }
    }

    private sealed record Check(ScramVerifier Verifier, Memory<byte> Password, TaskCompletionSource<PasswordFinding> Done)
    {
        public void End(PasswordFinding finding)
        {
            CryptographicOperations.ZeroMemory(Password.Span);
            Done.SetResult(finding);
        }
    }
}

/// <summary>What came of checking a password.</summary>
internal enum PasswordFinding
{
    /// <summary>It is the user's.</summary>
    Fits,

    /// <summary>It is not.</summary>
    DoesNotFit,

    /// <summary>It was not looked at: too many wait.</summary>
    NoPlace,
}

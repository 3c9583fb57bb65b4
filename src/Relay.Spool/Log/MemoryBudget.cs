namespace Relay.Spool.Log;

/// <summary>Bounds the memory that bodies hold until they are written. Who finds none waits, first come first served.</summary>
internal sealed class MemoryBudget
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiters = [];
    private readonly long _bytesMax;
    private long _used;

    /// <summary>A budget of this many bytes.</summary>
    public MemoryBudget(long bytesMax)
    {
        _bytesMax = bytesMax;
    }

    /// <summary>Bytes in use.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Somebody waits for memory.</summary>
    public bool HasWaiters
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count > 0;
            }
        }
    }

    /// <summary>Takes bytes if they are to be had at once and nobody waits.</summary>
    public bool TryTake(int bytes)
    {
        lock (_gate)
        {
            if (_waiters.Count > 0 || _used + bytes > _bytesMax)
            {
                return false;
            }

            _used += bytes;
            return true;
        }
    }

    /// <summary>Takes bytes, waiting for them.</summary>
    public Task TakeAsync(int bytes, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _used + bytes <= _bytesMax)
            {
                _used += bytes;
                return Task.CompletedTask;
            }

            waiter = new Waiter(bytes);
            _waiters.Enqueue(waiter);
        }

        return AwaitAsync(waiter, cancellation);
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(int bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            while (_waiters.TryPeek(out var first) && (first.Task.IsCompleted || _used + first.Bytes <= _bytesMax))
            {
                _waiters.Dequeue();
                if (first.TrySetResult())
                {
                    _used += first.Bytes;
                }
            }
        }
    }

    private static async Task AwaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        // A waiter that gives up stays in the queue until its turn, and takes nothing then.
        await using var registration = cancellation
            .Register(static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter).ConfigureAwait(false);
        await waiter.Task.ConfigureAwait(false);
    }

    private sealed class Waiter : TaskCompletionSource
    {
        public Waiter(int bytes)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            Bytes = bytes;
        }

        public int Bytes { get; }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Relay.Spool.Log;

/// <summary>Entries with a removal or a state to be written, in order, and those who wait until theirs are durable. Under the log's gate.</summary>
internal sealed class ControlQueue
{
    private readonly Queue<Entry> _entries = new();
    private readonly Queue<(long Until, TaskCompletionSource Done)> _waits = new();
    private long _added;
    private long _taken;
    private long _durable;

    /// <summary>Entries in the queue.</summary>
    public int Count => _entries.Count;

    /// <summary>Puts an entry into the queue, once.</summary>
    public void Add(Entry entry)
    {
        if (!entry.IsQueued)
        {
            entry.IsQueued = true;
            _entries.Enqueue(entry);
            _added++;
        }
    }

    /// <summary>The next one, which stays.</summary>
    public bool TryPeek([NotNullWhen(true)] out Entry? entry) => _entries.TryPeek(out entry);

    /// <summary>Takes the next one for a batch.</summary>
    public void Take()
    {
        _entries.Dequeue().IsQueued = false;
        _taken++;
    }

    /// <summary>Ends when everything that has been added by now is durable.</summary>
    public Task WhenDurable()
    {
        if (_durable == _added)
        {
            return Task.CompletedTask;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Enqueue((_added, done));
        return done.Task;
    }

    /// <summary>What was taken is durable.</summary>
    public void Committed()
    {
        _durable = _taken;
        while (_waits.TryPeek(out var wait) && wait.Until <= _durable)
        {
            _waits.Dequeue().Done.SetResult();
        }
    }

    /// <summary>What was taken is not durable and has been added anew: whoever waits, waits for that.</summary>
    public void Returned()
    {
        for (var left = _waits.Count; left > 0; left--)
        {
            _waits.Enqueue((_added, _waits.Dequeue().Done));
        }
    }

    /// <summary>Nothing will be written any more.</summary>
    public void Abandon(Exception cause)
    {
        while (_waits.TryDequeue(out var wait))
        {
            wait.Done.SetException(cause);
        }
    }
}

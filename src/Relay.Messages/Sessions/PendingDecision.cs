using System.Threading.Tasks.Sources;

namespace Relay.Messages.Sessions;

/// <summary>A reusable place for one answer: lets a connection await its session without an Ask, and so without a temporary actor a mail.</summary>
/// <remarks>One asker, one answer at a time. An answer to a question that was given up is dropped by its number.</remarks>
public sealed class PendingDecision : IValueTaskSource<MailDecision>
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<MailDecision> _source = new() { RunContinuationsAsynchronously = true };
    private bool _isOpen;

    /// <summary>Begins a question. The one before must have been answered or abandoned.</summary>
    /// <returns>The answer to come; await it once.</returns>
    /// <exception cref="InvalidOperationException">A question is still open.</exception>
    public ValueTask<MailDecision> Ask()
    {
        lock (_lock)
        {
            if (_isOpen)
            {
                throw new InvalidOperationException("The question before this one is still open.");
            }

            _source.Reset();
            _isOpen = true;
            return new ValueTask<MailDecision>(this, _source.Version);
        }
    }

    /// <summary>Answers the open question.</summary>
    /// <returns>False when nobody waits any more: whatever the answer holds must be given back.</returns>
    public bool TryAnswer(MailDecision decision)
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return false;
            }

            _isOpen = false;
        }

        _source.SetResult(decision);
        return true;
    }

    /// <summary>Ends the open question, if there is one, with an exception for whoever awaits it.</summary>
    public void Abandon(Exception reason)
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return;
            }

            _isOpen = false;
        }

        _source.SetException(reason);
    }

    MailDecision IValueTaskSource<MailDecision>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<MailDecision>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<MailDecision>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}

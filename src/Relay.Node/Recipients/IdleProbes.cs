using Relay.Actors.Deliveries;

namespace Relay.Node.Recipients;

/// <summary>Connections to one next hop that have answered, and wait a moment for the next question. Thread-safe.</summary>
internal sealed class IdleProbes(CalloutResources resources)
{
    private readonly Lock _gate = new();
    private readonly List<ProbeConversation> _idle = []; // the last used at the end

    /// <summary>None waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count == 0;
            }
        }
    }

    /// <summary>The one that was used last; null for none.</summary>
    public ProbeConversation? Take()
    {
        lock (_gate)
        {
            if (_idle.Count == 0)
            {
                return null;
            }

            var last = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            return last;
        }
    }

    /// <summary>Keeps a connection for the next question, and ends it when none comes.</summary>
    /// <returns>False for one that has had its share, or is of no use.</returns>
    public bool TryKeep(ProbeConversation conversation)
    {
        var limits = resources.Limits;
        if (!conversation.IsUsable || conversation.Questions >= limits.QuestionsPerConnection || conversation.Refusals >= limits.RefusalsPerConnection)
        {
            return false;
        }

        lock (_gate)
        {
            _idle.Add(conversation);
        }

        _ = LeaveWhenIdleAsync(conversation, conversation.Questions);
        return true;
    }

    /// <summary>Says goodbye and closes.</summary>
    public async Task QuitAsync(ProbeConversation conversation)
    {
        try
        {
            await conversation.QuitAsync(resources.Stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The node stops, and says no more.
        }
        finally
        {
            Close(conversation);
        }
    }

    /// <summary>Closes, and gives back the node's place.</summary>
    public void Close(ProbeConversation conversation)
    {
        conversation.Dispose();
        resources.ReleasePlace();
    }

    private async Task LeaveWhenIdleAsync(ProbeConversation conversation, int questions)
    {
        await Task.Delay(resources.Limits.IdleTime, resources.Time, resources.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (conversation.Questions != questions || !_idle.Remove(conversation))
            {
                return; // it was of use, and is waited for again
            }
        }

        await QuitAsync(conversation).ConfigureAwait(false);
    }
}

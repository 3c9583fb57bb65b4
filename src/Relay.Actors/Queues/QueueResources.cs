using Relay.Actors.Destinations;
using Relay.Actors.Logging;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Spooling;
using Relay.Messages.Stored;
using Relay.Spool;

namespace Relay.Actors.Queues;

/// <summary>What the queue works with: lives as long as the node, whatever becomes of the actor.</summary>
public sealed class QueueResources
{
    /// <summary>Starts with an empty index.</summary>
    public QueueResources(PolicyAgent policy, RelayMetrics metrics, IMailLog mailLog, TimeProvider time)
    {
        Policy = policy;
        Metrics = metrics;
        MailLog = mailLog;
        Time = time;
    }

    /// <summary>The spool that the index is of. Set after its replay, before the actor starts.</summary>
    public SpoolStore Spool { get; set; } = null!; // set by composition, once the replay has filled the index

    internal PolicyAgent Policy { get; }

    internal RelayMetrics Metrics { get; }

    internal IMailLog MailLog { get; }

    internal TimeProvider Time { get; }

    internal QueueState State { get; } = new();

    /// <summary>Messages in the index.</summary>
    public int Count => State.Count;

    /// <summary>Takes a replayed entry into the index; to be called only before the actor starts.</summary>
    /// <exception cref="InvalidDataException">The entry's header or state is not readable.</exception>
    public void Restore(in RecoveredEntry entry)
    {
        var message = StoredMessageCodec.Decode(entry.Header.Span);
        var progress = RecipientProgressCodec.Decode(entry.State.Span, message.Envelope.Recipients.Count);
        var policy = Policy.Current;
        State.Admit(
            entry.Id.ToMessageId(),
            message,
            entry.Length,
            progress,
            path => DestinationRouter.Route(policy, path),
            Time.GetUtcNow());
    }
}

using Relay.Actors.Accounts;
using Relay.Actors.Intake;
using Relay.Actors.Logging;
using Relay.Actors.Metrics;
using Relay.Actors.Policy;
using Relay.Actors.Spooling;
using Relay.Messages.Ids;
using Relay.Messages.Stored;
using Relay.Spool;

namespace Relay.Actors.Queues;

/// <summary>What the queue works with: lives as long as the node, whatever becomes of the actor.</summary>
public sealed class QueueResources
{
    /// <summary>A replay of so many messages leaves more garbage behind than is worth keeping the memory of. 1,000.</summary>
    private const int CollectFrom = 1_000;

    private readonly List<RestoredMessage> _restored = [];
    private readonly QueueLimits _limits;

    /// <summary>Starts with an empty index.</summary>
    public QueueResources(PolicyAgent policy, RelayMetrics metrics, IMailLog mailLog, TimeProvider time, QueueLimits? limits = null)
    {
        Policy = policy;
        Metrics = metrics;
        MailLog = mailLog;
        Time = time;
        _limits = limits ?? new QueueLimits();
        State = new QueueState(_limits, Random.Shared.NextDouble, Shares);
    }

    /// <summary>The spool that the index is of. Set after its replay, before the actor starts.</summary>
    public SpoolStore Spool { get; set; } = null!; // set by composition, once the replay has filled the index

    /// <summary>Who has how much in the queue; built anew by the replay.</summary>
    public SpoolShares Shares { get; } = new();

    /// <summary>What destinations show of themselves.</summary>
    public DestinationBoard Board { get; } = new();

    /// <summary>Who counts what became of users' recipients; null: nobody.</summary>
    public AccountBreaker? Accounts { get; init; }

    internal PolicyAgent Policy { get; }

    internal RelayMetrics Metrics { get; }

    internal IMailLog MailLog { get; }

    internal TimeProvider Time { get; }

    internal QueueState State { get; }

    internal QueueActor.Start? Neighbours { get; set; }

    /// <summary>Messages in the index.</summary>
    public int Count => State.Count;

    /// <summary>Takes a replayed entry; to be called only before <see cref="Restored"/>.</summary>
    /// <exception cref="InvalidDataException">The entry's header or state is not readable.</exception>
    public void Restore(in RecoveredEntry entry)
    {
        var message = StoredMessageCodec.Decode(entry.Header.Span);
        var progress = entry.State.IsEmpty ? null : MessageProgressCodec.Decode(entry.State.Span, message.Envelope.Recipients.Count);
        _restored.Add(new RestoredMessage(entry.Id.ToMessageId(), message, entry.Length, progress));
    }

    /// <summary>The replay is over: its entries become the index. To be called before the actor starts.</summary>
    /// <param name="interrupted">What was in flight when the process before this one died.</param>
    public void Restored(IReadOnlySet<MessageId> interrupted)
    {
        ArgumentNullException.ThrowIfNull(interrupted);
        var reports = new HashSet<(MessageId, ReportKind, int)>();
        foreach (var report in _restored.Select(static restored => restored.Message.Report).OfType<ReportCause>())
        {
            reports.UnionWith(report.Recipients.Select(place => (report.Message, report.Kind, place)));
        }

        var at = new Moment(Policy.Current, Time.GetUtcNow());
        foreach (var restored in _restored)
        {
            var progress = WithoutReported(restored, reports);
            var isSuspect = interrupted.Contains(restored.Id);
            if (isSuspect)
            {
                progress = Suspects.Mark(progress ?? MessageProgress.Fresh(restored.Message.Envelope.Recipients.Count), _limits, at.Now);
                State.Effects.Events.Add(new QueueEvent(
                    restored.Id, progress.HoldReason is null ? "suspected" : "held", [], progress.HoldReason ?? Suspects.Reason));
            }

            State.Admit(restored.Id, restored.Message, restored.Size, progress, at);
            if (isSuspect && State.Find(restored.Id) is { } suspect)
            {
                State.Effects.Save(suspect);
            }
        }

        // What is due only later is routed too: an operator sees at once where the whole queue goes.
        State.Sites.Follow(at);
        Publish();
        var count = _restored.Count;
        _restored.Clear();
        _restored.TrimExcess();
        if (count >= CollectFrom)
        {
            // What was read stands in holes between what is kept, and nothing would press the process to close them: it is given back, once.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    /// <summary>Shows in metrics what has become of the index.</summary>
    internal void Publish() => Metrics.SetQueue(new QueueFigures(State.Count, State.Tally.Held, State.Tally.Reports)
    {
        ActiveDestinations = State.Routes.Tally[SiteCondition.Active],
        ParkedDestinations = State.Routes.Tally[SiteCondition.Parked],
        PausedDestinations = State.Routes.Tally[SiteCondition.Paused],
    });

    internal void Save(QueuedMessage message) => Spool.SaveState(message.Id.ToEntryId(), MessageProgressCodec.Encode(message.Progress));

    internal void Remove(MessageId id) => Spool.Remove(id.ToEntryId());

    /// <summary>A crash between a report and the note that it is durable must not make it twice.</summary>
    private static MessageProgress? WithoutReported(RestoredMessage restored, HashSet<(MessageId, ReportKind, int)> reports)
    {
        if (reports.Count == 0 || restored.Progress is not { } progress)
        {
            return restored.Progress;
        }

        bool IsReported(ReportKind kind, int place) => reports.Contains((restored.Id, kind, place));
        var recipients = progress.Recipients.Select((recipient, place) => recipient.State switch
        {
            RecipientState.Bouncing when IsReported(ReportKind.Failed, place) => recipient with { State = RecipientState.Bounced },
            RecipientState.Relayed or RecipientState.InMailbox when IsReported(ReportKind.Success, place) => recipient with { State = RecipientState.Delivered },
            _ => recipient,
        });
        var isWarned = progress.IsWarned || Enumerable.Range(0, progress.Recipients.Length).Any(place => IsReported(ReportKind.Delayed, place));
        return progress with { Recipients = [.. recipients], IsWarned = isWarned };
    }

    private readonly record struct RestoredMessage(MessageId Id, StoredMessage Message, long Size, MessageProgress? Progress);
}

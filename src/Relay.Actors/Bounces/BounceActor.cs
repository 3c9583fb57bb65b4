using Akka.Actor;
using Akka.Event;
using Relay.Actors.Queues;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Spool;

namespace Relay.Actors.Bounces;

/// <summary>Makes the reports that senders are owed, within their limits; what is over a limit waits, and nothing is dropped.</summary>
public sealed class BounceActor : ReceiveActor, IWithTimers
{
    private const string WaitTimer = "wait";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _queue;
    private readonly BounceResources _resources;
    private readonly BounceBudget _budget;
    private readonly ReportWriter _writer;
    private readonly Queue<OwedReport> _ready = new();
    private readonly PriorityQueue<OwedReport, DateTimeOffset> _waiting = new();
    private DateTimeOffset _lastSaid;
    private int _atWork;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public BounceActor(IActorRef queue, BounceResources resources)
    {
        _queue = queue;
        _resources = resources;
        _budget = new BounceBudget(resources.Limits);
        _writer = new ReportWriter(resources);
        Receive<OwedReport>(OnOwed);
        Receive<Written>(OnWritten);
        Receive<NotWritten>(OnNotWritten);
        Receive<WaitOver>(_ => OnWaitOver());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!; // set by Akka

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(IActorRef queue, BounceResources resources) => Props.Create(() => new BounceActor(queue, resources));

    /// <summary>What waited here is asked for anew, lest the queue believe for ever that it is being made; what may be the cause, only after a while.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var owed in _ready.Concat(_waiting.UnorderedItems.Select(static item => item.Element)))
        {
            TellNotMade(owed);
        }

        if (message is OwedReport cause)
        {
            Context.System.Scheduler.ScheduleTellOnce(
                _resources.Limits.RetryTime, _queue, new QueueActor.ReportNotMade(cause.Message, cause.Kind), ActorRefs.NoSender);
        }

        base.PreRestart(reason, message);
    }

    private void TellNotMade(OwedReport owed) => _queue.Tell(new QueueActor.ReportNotMade(owed.Message, owed.Kind));

    private void OnOwed(OwedReport owed)
    {
        _ready.Enqueue(owed);
        Work();
    }

    private void Work()
    {
        while (_atWork < _resources.Limits.AtOnceMax && _ready.TryDequeue(out var owed))
        {
            var wait = _budget.TryTake(owed.Sender, owed.IsStrangers, _resources.Time.GetUtcNow());
            if (wait > TimeSpan.Zero)
            {
                SayThatReportsWait(owed, wait);
                Wait(owed, wait);
                continue;
            }

            _atWork++;
            _writer.WriteAsync(owed).PipeTo(Self, success: written => new Written(written), failure: e => new NotWritten(owed, e));
        }
    }

    private void OnWritten(Written written)
    {
        OneLessAtWork();
        var report = written.Report;
        // The report is the queue's before its cause is done.
        _queue.Tell(new QueueMessages.MessageAccepted(report.Id, report.Message, report.Size));
        _queue.Tell(new QueueActor.ReportMade(report.Owed));
        _resources.MailLog.Happened(report.Owed.Message, "reported", [report.Owed.Sender], $"{NameOf(report.Owed.Kind)}, as {report.Id}");
        Work();
    }

    private void OnNotWritten(NotWritten failed)
    {
        OneLessAtWork();
        if (failed.Cause is SpoolFullException or SpoolUnavailableException)
        {
            _log.Warning("The report of {MessageId} to {Sender} waits for the spool: {Problem}", failed.Owed.Message, failed.Owed.Sender, failed.Cause.Message);
        }
        else
        {
            // A message that an operator has removed meanwhile ends here too: the queue does not know it any more.
            _log.Warning("The report of {MessageId} to {Sender} could not be made: {Problem}", failed.Owed.Message, failed.Owed.Sender, failed.Cause.Message);
        }

        Wait(failed.Owed, _resources.Limits.RetryTime);
        Work();
    }

    /// <summary>One line for all of them, at most once in a while: a storm must not fill the log.</summary>
    private void SayThatReportsWait(OwedReport owed, TimeSpan wait)
    {
        var now = _resources.Time.GetUtcNow();
        if (now - _lastSaid >= _resources.Limits.LineInterval)
        {
            _lastSaid = now;
            _log.Warning(
                "Reports wait because of their limits: {Count} and that of {MessageId} to {Sender}, for {Seconds} s",
                _waiting.Count, owed.Message, owed.Sender, Math.Ceiling(wait.TotalSeconds));
        }
    }

    // One that was begun before a restart was never counted.
    private void OneLessAtWork() => _atWork = Math.Max(0, _atWork - 1);

    private void Wait(OwedReport owed, TimeSpan wait)
    {
        _waiting.Enqueue(owed, _resources.Time.GetUtcNow() + wait);
        Arm();
    }

    /// <summary>Whoever has waited asks the queue anew: meanwhile others of the message may have failed, or it may have been delivered.</summary>
    private void OnWaitOver()
    {
        while (_waiting.TryPeek(out var owed, out var due) && due <= _resources.Time.GetUtcNow())
        {
            _waiting.Dequeue();
            TellNotMade(owed);
        }

        Arm();
    }

    private void Arm()
    {
        if (_waiting.TryPeek(out _, out var due))
        {
            var wait = due - _resources.Time.GetUtcNow();
            Timers.StartSingleTimer(WaitTimer, WaitOver.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    private static string NameOf(ReportKind kind) => kind switch
    {
        ReportKind.Failed => "failed",
        ReportKind.Delayed => "delayed",
        _ => "success",
    };

    private sealed record Written(WrittenReport Report) : INoSerializationVerificationNeeded;

    private sealed record NotWritten(OwedReport Owed, Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record WaitOver : INoSerializationVerificationNeeded
    {
        public static readonly WaitOver Instance = new();
    }
}

using System.Diagnostics.Metrics;
using Akka.Actor;
using Relay.Actors.Accounts;
using Relay.Actors.Metrics;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Node.Logging;
using Relay.Smtp.Replies;

namespace Relay.Node.Accounts;

/// <summary>What becomes of users whose account counts as leaked: a line in the log, metrics, a hold on their queued mail, and a file of those that are held.</summary>
/// <remarks>Event ids 2400 to 2419; the next free one is 2403.</remarks>
internal sealed partial class AccountGuard : IDisposable
{
    /// <summary>What a held user's mail is answered.</summary>
    public static readonly SmtpReply Reply = new(450, new(4, 7, 1), "Account held (breaker), ask the administrator");

    private const string MailReason = "breaker: the account is held";

    private readonly Meter _meter;
    private readonly Counter<long> _trips;
    private readonly ILogger _log;
    private readonly IActorRef _queue;
    private readonly AccountHoldsFile _file;

    /// <summary>Begins to watch.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="breaker">Decides who is held.</param>
    /// <param name="queue">Holds what they have in it.</param>
    /// <param name="file">Keeps who is held.</param>
    /// <param name="log">Gets who is held.</param>
    public AccountGuard(MeterScope meters, AccountBreaker breaker, IActorRef queue, AccountHoldsFile file, ILogger<AccountGuard> log)
    {
        _log = log;
        _queue = queue;
        _file = file;
        Breaker = breaker;
        breaker.Changed += OnChanged;
        _meter = meters.Make();
        _trips = _meter.CreateCounter<long>("relay_account_holds", description: "Users that this node began to hold.");
        _meter.CreateObservableGauge("relay_accounts_held", () => breaker.HeldCount, description: "Users whose account counts as leaked.");
    }

    /// <summary>Who is held.</summary>
    public AccountBreaker Breaker { get; }

    /// <summary>Makes every series exist, at 0.</summary>
    public void StartSeries() => _trips.Add(0);

    /// <summary>Why a mail of a user that began before the user was held goes to the queue held; null: the user is not held.</summary>
    public string? HoldReasonOf(string? user) => Breaker.IsHeld(user) ? MailReason : null;

    /// <summary>A mail of a user who was not held went to the queue. One who is by now may have been between the two.</summary>
    public void Accepted(string? user, MessageId message)
    {
        if (Breaker.IsHeld(user))
        {
            Hold(new QueueSelection { Ids = [message] }, MailReason);
        }
    }

    public void Dispose()
    {
        Breaker.Changed -= OnChanged;
        _file.Dispose();
        _meter.Dispose();
    }

    private void OnChanged(AccountChange change)
    {
        var (user, reason) = (LogText.Safe(change.Hold.User), LogText.Safe(change.Hold.Reason));
        if (!change.Hold.IsHeld)
        {
            WriteReleased(user);
        }
        else
        {
            if (change.IsOurs)
            {
                _trips.Add(1);
                WriteHeld(user, reason);
            }
            else
            {
                WriteHeldToo(user, reason);
            }

            Hold(new QueueSelection { User = change.Hold.User }, $"breaker: {change.Hold.Reason}");
        }

        _file.Save(Breaker);
    }

    private void Hold(QueueSelection selection, string reason) =>
        _queue.Tell(new QueueMessages.ChangeMessages(selection, QueueAction.Hold, reason, CountOnly: false), ActorRefs.NoSender);

    [LoggerMessage(EventId = 2400, Level = LogLevel.Error, Message = "breaker user=\"{User:l}\" held: {Reason:l}")]
    private partial void WriteHeld(string user, string reason);

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "breaker user=\"{User:l}\" released")]
    private partial void WriteReleased(string user);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Warning, Message = "breaker user=\"{User:l}\" held, as another node does: {Reason:l}")]
    private partial void WriteHeldToo(string user, string reason);
}

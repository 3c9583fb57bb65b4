using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Relay.Actors.Intake;
using Relay.Actors.Queues;
using Relay.Messages.Destinations;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Policy.Decisions;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Envelopes;
using Relay.Smtp.Replies;

namespace Relay.Actors.Tests.Queues;

/// <summary>A queue with a clock that is set by hand, and a memory of all that it has asked of the world.</summary>
internal sealed class TestQueue
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);

    private const string Routed = """
        { "relay": { "networks": ["127.0.0.0/8"] },
          "routes": [ { "domain": "one.example", "to": "smtp://one.example:25" }, { "domain": "two.example", "to": "smtp://two.example:25" } ] }
        """;

    private readonly Random _random = new(7);
    private long _version;
    private ulong _made;

    public TestQueue(string? policy = null, QueueLimits? limits = null)
    {
        State = new QueueState(limits ?? new QueueLimits(), _random.NextDouble, Shares);
        Use(policy ?? Routed);
    }

    public QueueState State { get; }

    public SpoolShares Shares { get; } = new();

    public PolicySnapshot Policy { get; private set; } = null!; // set by Use

    public DateTimeOffset Now { get; set; } = Start;

    public Moment At => new(Policy, Now);

    public List<string> Announced { get; } = [];

    public List<string> Recalled { get; } = [];

    public List<string> Lookups { get; } = [];

    public List<SiteMessages.ResolveSite> Questions { get; } = [];

    public int Saves { get; private set; }

    public List<MessageId> Removed { get; } = [];

    public List<OwedReport> Owed { get; } = [];

    public List<QueueEvent> Events { get; } = [];

    /// <summary>Puts another policy in force.</summary>
    public void Use(string policy)
    {
        var parsed = PolicyParser.Parse(Encoding.UTF8.GetBytes(policy));
        Assert.Empty(parsed.Errors);
        Policy = PolicySnapshot.Compile(parsed.Document!, ++_version);
    }

    public MessageId Admit(params string[] recipients) => AdmitFrom("from@x.example", recipients);

    public MessageId AdmitFrom(string sender, params string[] recipients) =>
        Admit(Message(sender, [.. recipients.Select(static r => new EnvelopeRecipient(Path(r), DsnNotify.Unspecified, null))]));

    public MessageId Admit(StoredMessage message, MessageProgress? progress = null, long size = 1)
    {
        var id = new MessageId(1, ++_made);
        State.Admit(id, message, size, progress, At);
        Collect();
        return id;
    }

    public StoredMessage Message(string sender, params EnvelopeRecipient[] recipients) => new(
        new Envelope(sender.Length == 0 ? MailPath.Null : Path(sender), MailParameters.None, recipients),
        new MessageOrigin(IPAddress.Loopback, null, "default", null),
        Now,
        false);

    /// <summary>What the site of a route to this host is handed.</summary>
    public ImmutableArray<DeliveryItem> Pull(string host, int max = 10) => Pull(Route(host), max);

    public ImmutableArray<DeliveryItem> Pull(DestinationKey key, int max = 10)
    {
        var items = State.Traffic.Pull(key, max, At);
        Collect();
        return items;
    }

    /// <summary>Ends an attempt with one outcome for all, or one for each.</summary>
    public QueuedMessage? Finish(DeliveryItem item, params OutcomeKind[] outcomes) => Finish(item, AttemptFacts.None, outcomes);

    public QueuedMessage? Finish(DeliveryItem item, AttemptFacts facts, params OutcomeKind[] outcomes)
    {
        var all = item.Recipients.Select((_, i) => Outcome(outcomes.Length == 1 ? outcomes[0] : outcomes[i]));
        return Finish(new DestinationMessages.AttemptFinished(item, [.. all], facts))?.Message;
    }

    /// <summary>These have been delivered to, and the attempt goes on.</summary>
    public FinishedAttempt? Deliver(DeliveryItem item, params int[] recipients)
    {
        var outcomes = recipients.Select(static _ => Outcome(OutcomeKind.Delivered));
        return Finish(new DestinationMessages.AttemptFinished(item with { Recipients = [.. recipients] }, [.. outcomes], AttemptFacts.None) { GoesOn = true });
    }

    private FinishedAttempt? Finish(DestinationMessages.AttemptFinished attempt)
    {
        var finished = State.Traffic.Finish(attempt, At);
        Collect();
        return finished;
    }

    /// <summary>We cut attempts short ourselves.</summary>
    public void Cut(params ImmutableArray<DeliveryItem> items)
    {
        State.Traffic.Cut(items, At);
        Collect();
    }

    /// <summary>The site could not be reached; what was handed out comes back.</summary>
    public void FailSite(DestinationKey key, params ImmutableArray<DeliveryItem> items)
    {
        State.Sites.Failed(State.Routes.FindSite(key)!, Unreachable, null, At);
        State.Traffic.Return(items, At);
        Collect();
    }

    public void Resolve(string domain, DestinationKey? site, RecipientOutcome? failure = null, TimeSpan? validFor = null)
    {
        State.Resolved(new SiteMessages.SiteResolved(Domain(domain), site, failure, validFor ?? TimeSpan.FromMinutes(5)), At);
        Collect();
    }

    /// <summary>Lets time pass, stopping wherever something is due, as the actor's timer does.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Now + time;
        while (State.NextDue is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            State.Advance(At);
            Collect();
        }

        Now = end;
        State.Advance(At);
        Collect();
    }

    /// <summary>Makes every report that is owed durable.</summary>
    public IReadOnlyList<OwedReport> MakeReports()
    {
        OwedReport[] owed = [.. Owed];
        Owed.Clear();
        foreach (var report in owed)
        {
            State.Reported(report.Message, report.Kind, report.Recipients, At);
            Collect();
        }

        return owed;
    }

    public QueueMessages.MessagesChanged Change(QueueAction action, QueueSelection? selection = null, bool countOnly = false)
    {
        var changed = OperatorActions.Change(
            State, new QueueMessages.ChangeMessages(selection ?? new QueueSelection(), action, "because", countOnly), At);
        Collect();
        return changed;
    }

    public QueueMessages.QueuedMessageView View(MessageId id) => QueueViews.View(State.Find(id)!, At);

    public static readonly RecipientOutcome Unreachable =
        new(OutcomeKind.Deferred, ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), "refused"));

    public static DestinationKey Route(string host) =>
        DestinationKey.ForRoute(RouteTarget.TryParse($"smtp://{host}:25", out var target, out var error) ? target : throw new ArgumentException(error));

    public static MailPath Path(string text) => MailPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    public static MailDomain Domain(string text) => MailDomain.TryParse(text, out var domain) ? domain : throw new ArgumentException(text);

    public static RecipientOutcome Outcome(OutcomeKind kind) => new(kind, ClientStage.Rcpt, kind switch
    {
        OutcomeKind.Delivered => new SmtpReply(250, new(2, 0, 0), "taken"),
        OutcomeKind.Deferred => new SmtpReply(450, new(4, 2, 1), "not now"),
        _ => new SmtpReply(550, new(5, 1, 1), "never"),
    });

    private void Collect()
    {
        var effects = State.Effects;
        Announced.AddRange(effects.Announcements.Select(static key => key.Name));
        Recalled.AddRange(effects.Recalls.Select(static key => key.Name));
        Lookups.AddRange(effects.Lookups.Select(static question => question.Domain.Name));
        Questions.AddRange(effects.Lookups);
        Saves += effects.Saves.Count;
        foreach (var message in effects.Saves)
        {
            // What is saved can be read back as it was.
            var read = MessageProgressCodec.Decode(MessageProgressCodec.Encode(message.Progress), message.Recipients.Length);
            Assert.Equal(message.Progress.Recipients.Select(Text), read.Recipients.Select(Text));
        }

        Removed.AddRange(effects.Removals);
        Owed.AddRange(effects.Reports);
        Events.AddRange(effects.Events);
        effects.Clear();
    }

    private static string Text(RecipientProgress progress) => string.Create(
        CultureInfo.InvariantCulture, $"{progress.State} {progress.Attempts} {progress.Due:O} {progress.Last?.Reply} {progress.LastAt:O}");
}

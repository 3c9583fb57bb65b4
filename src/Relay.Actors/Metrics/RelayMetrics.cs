using System.Diagnostics.Metrics;
using Relay.Smtp.Authentication;

namespace Relay.Actors.Metrics;

/// <summary>What this node counts, under the names that dashboards and alerts know. Every series exists from the start.</summary>
public sealed class RelayMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "relay";

    private static readonly string[] CheckResults = ["known", "unknown", "trouble", "busy"];

    private static readonly string[] KnownReasons =
        ["relaying", "client", "sender", "list", "policy", "syntax", "limit", "greylist", "unknown", "unavailable"];

    private readonly Meter _meter;
    private readonly Counter<long> _messagesAccepted;
    private readonly Counter<long> _recipientsDelivered;
    private readonly Counter<long> _recipientsDeferred;
    private readonly Counter<long> _recipientsFailed;
    private readonly Counter<long> _recipientsRefused;
    private readonly Counter<long> _recipientChecks;
    private readonly Counter<long> _connectionsRefused;
    private readonly Counter<long> _logins;
    private readonly Counter<long> _refusalsNotWritten;
    private readonly Counter<long> _destinationFailures;
    private readonly Counter<long> _lookupFailures;
    private readonly Counter<long> _dnsListHits;
    private readonly Counter<long> _dnsListTrouble;
    private readonly Counter<long> _inquiryTrouble;
    private long _queueMessages;
    private long _queueHeld;
    private long _reportsWaiting;
    private long _destinationsActive;
    private long _destinationsParked;
    private long _destinationsPaused;

    /// <summary>Registers every instrument.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="spoolBytes">Reads the octets of the spool's files.</param>
    /// <param name="spoolLiveBytes">Reads the octets in them that mail takes.</param>
    /// <param name="policyVersion">Reads the version of the policy in force.</param>
    /// <param name="sessions">Reads the number of open SMTP connections.</param>
    /// <param name="deliveries">Reads the number of connections to next hops.</param>
    public RelayMetrics(MeterScope meters, Func<long> spoolBytes, Func<long> spoolLiveBytes, Func<long> policyVersion, Func<long> sessions, Func<long> deliveries)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _meter = meters.Make();
        _messagesAccepted = _meter.CreateCounter<long>("relay_messages_accepted", description: "Messages answered with 250.");
        _recipientsDelivered = _meter.CreateCounter<long>("relay_recipients_delivered", description: "Recipients that a next hop took.");
        _recipientsDeferred = _meter.CreateCounter<long>("relay_recipients_deferred", description: "Attempts to be made again, by recipient.");
        _recipientsFailed = _meter.CreateCounter<long>("relay_recipients_failed", description: "Recipients that failed for good.");
        _recipientsRefused = _meter.CreateCounter<long>("relay_recipients_refused", description: "Recipients refused in the dialogue.");
        _recipientChecks = _meter.CreateCounter<long>("relay_recipient_checks", description: "Checks whether a recipient of an accepted domain exists.");
        _connectionsRefused = _meter.CreateCounter<long>("relay_connections_refused", description: "SMTP connections refused by a limit.");
        _logins = _meter.CreateCounter<long>("relay_auth", description: "Attempts to log in, by result and mechanism.");
        _refusalsNotWritten = _meter.CreateCounter<long>("relay_refusals_summed", description: "Refusals in the dialogue that the log has in a sum only.");
        _destinationFailures = _meter.CreateCounter<long>("relay_destination_failures", description: "Tries of a next-hop site that could not be used as a whole.");
        _lookupFailures = _meter.CreateCounter<long>("relay_lookup_failures", description: "Domains whose next hop could not be found for now.");
        _dnsListHits = _meter.CreateCounter<long>("relay_dns_list_hits", description: "Clients that a DNS list lists, by list.");
        _dnsListTrouble = _meter.CreateCounter<long>("relay_dns_list_trouble", description: "Questions to a DNS list that had no answer, by list.");
        _inquiryTrouble = _meter.CreateCounter<long>("relay_dns_inquiry_trouble", description: "Other questions about clients and senders that had no answer.");
        _meter.CreateObservableGauge("relay_queue_messages", () => Volatile.Read(ref _queueMessages), description: "Messages in the queue.");
        _meter.CreateObservableGauge("relay_queue_held_messages", () => Volatile.Read(ref _queueHeld), description: "Messages that are held.");
        _meter.CreateObservableGauge(
            "relay_queue_reports_waiting", () => Volatile.Read(ref _reportsWaiting), description: "Reports owed to senders that wait for their limit or are being written.");
        _meter.CreateObservableGauge("relay_destinations", Destinations, description: "Next-hop sites that the queue knows, by state.");
        _meter.CreateObservableGauge("relay_sessions", sessions, description: "Open SMTP connections.");
        _meter.CreateObservableGauge("relay_outbound_connections", deliveries, description: "Connections to next hops, those being opened too.");
        _meter.CreateObservableGauge("relay_spool_bytes", spoolBytes, description: "Octets of the spool's files.");
        _meter.CreateObservableGauge("relay_spool_live_bytes", spoolLiveBytes, description: "Octets in them that mail takes; the rest is to be freed.");
        _meter.CreateObservableGauge("relay_policy_version", policyVersion, description: "Version of the policy in force.");
    }

    /// <summary>Messages in the queue now.</summary>
    public long QueueMessages => Volatile.Read(ref _queueMessages);

    /// <summary>Makes every counter's series exist, at 0. Called once the exporter listens.</summary>
    /// <param name="connectionLimits">The names of the limits that refuse connections.</param>
    /// <param name="inquiries">The names of the questions about clients and senders.</param>
    public void StartSeries(IEnumerable<string> connectionLimits, IEnumerable<string> inquiries)
    {
        ArgumentNullException.ThrowIfNull(connectionLimits);
        foreach (var counter in new[] { _messagesAccepted, _recipientsDelivered, _recipientsDeferred, _recipientsFailed, _destinationFailures, _lookupFailures, _refusalsNotWritten })
        {
            counter.Add(0);
        }

        foreach (var reason in KnownReasons)
        {
            RecipientsRefused(reason, 0);
        }

        foreach (var result in CheckResults)
        {
            RecipientChecked(result, 0);
        }

        foreach (var limit in connectionLimits)
        {
            ConnectionRefused(limit, 0);
        }

        foreach (var mechanism in Enum.GetValues<SaslMechanism>())
        {
            foreach (var result in Enum.GetValues<LoginResult>())
            {
                LoginEnded(result, mechanism, 0);
            }
        }

        foreach (var question in inquiries)
        {
            InquiryTrouble(question, 0);
        }
    }

    /// <summary>A message was answered with 250.</summary>
    public void MessageAccepted() => _messagesAccepted.Add(1);

    /// <summary>Recipients that a next hop took.</summary>
    public void RecipientsDelivered(int count) => _recipientsDelivered.Add(count);

    /// <summary>Recipients whose attempt will be made again.</summary>
    public void RecipientsDeferred(int count) => _recipientsDeferred.Add(count);

    /// <summary>Recipients that failed for good.</summary>
    public void RecipientsFailed(int count) => _recipientsFailed.Add(count);

    /// <summary>Recipients refused in the dialogue, by one of the known reasons.</summary>
    public void RecipientsRefused(string reason, int count = 1) =>
        _recipientsRefused.Add(count, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A recipient was checked: <c>known</c>, <c>unknown</c>, <c>trouble</c> or <c>busy</c> (a bound of ours).</summary>
    public void RecipientChecked(string result, int count = 1) =>
        _recipientChecks.Add(count, new KeyValuePair<string, object?>("result", result));

    /// <summary>An SMTP connection was refused, by one of the known limits.</summary>
    public void ConnectionRefused(string limit, int count = 1) =>
        _connectionsRefused.Add(count, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>An attempt to log in has ended.</summary>
    public void LoginEnded(LoginResult result, SaslMechanism mechanism, int count = 1) => _logins.Add(
        count,
        new KeyValuePair<string, object?>("result", LoginResults.NameOf(result)),
        new KeyValuePair<string, object?>("mechanism", SaslMechanisms.NameOf(mechanism)));

    /// <summary>A refusal got no line of its own in the log.</summary>
    public void RefusalNotWritten() => _refusalsNotWritten.Add(1);

    /// <summary>A next-hop site as a whole could not be used.</summary>
    public void DestinationFailed() => _destinationFailures.Add(1);

    /// <summary>The name servers could not tell where mail for a domain goes.</summary>
    public void LookupFailed() => _lookupFailures.Add(1);

    /// <summary>A DNS list of the policy is known: its series exist from now on.</summary>
    public void StartDnsList(string zone)
    {
        _dnsListHits.Add(0, new KeyValuePair<string, object?>("zone", zone));
        _dnsListTrouble.Add(0, new KeyValuePair<string, object?>("zone", zone));
    }

    /// <summary>A DNS list lists a client.</summary>
    public void DnsListHit(string zone) => _dnsListHits.Add(1, new KeyValuePair<string, object?>("zone", zone));

    /// <summary>A DNS list did not answer about a client.</summary>
    public void DnsListTrouble(string zone) => _dnsListTrouble.Add(1, new KeyValuePair<string, object?>("zone", zone));

    /// <summary>A question about a client or a sender had no answer, by one of the known questions.</summary>
    public void InquiryTrouble(string question, int count = 1) =>
        _inquiryTrouble.Add(count, new KeyValuePair<string, object?>("question", question));

    /// <summary>The queue has changed.</summary>
    public void SetQueue(in QueueFigures figures)
    {
        Volatile.Write(ref _queueMessages, figures.Messages);
        Volatile.Write(ref _queueHeld, figures.Held);
        Volatile.Write(ref _reportsWaiting, figures.ReportsWaiting);
        Volatile.Write(ref _destinationsActive, figures.ActiveDestinations);
        Volatile.Write(ref _destinationsParked, figures.ParkedDestinations);
        Volatile.Write(ref _destinationsPaused, figures.PausedDestinations);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Destinations() =>
    [
        InState("active", ref _destinationsActive),
        InState("parked", ref _destinationsParked),
        InState("paused", ref _destinationsPaused),
    ];

    private static Measurement<long> InState(string state, ref long count) =>
        new(Volatile.Read(ref count), new KeyValuePair<string, object?>("state", state));
}

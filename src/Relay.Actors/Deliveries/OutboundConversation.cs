using System.Net.Sockets;
using Relay.Messages.Destinations;
using Relay.Messages.Stored;
using Relay.Policy.Decisions;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;
using Relay.Spool;

namespace Relay.Actors.Deliveries;

/// <summary>One conversation with a next hop: finds it, connects, is greeted, then carries one transaction after another.</summary>
/// <remarks>Used by one caller at a time. Trouble of the peer or the network is an outcome; only our own defects are exceptions.</remarks>
internal sealed class OutboundConversation : IDisposable
{
    private const int MailDoesNotFit = 503; // bad sequence of commands (RFC 5321 section 4.2.3)

    private readonly DestinationKey _destination;
    private readonly DeliveryResources _resources;
    private readonly bool _isLmtp;
    private NextHopResolution? _found;
    private ClientCredentials? _credentials;
    private DialogueRunner? _runner;
    private AttemptFacts _facts = AttemptFacts.None;

    /// <param name="destination">Where to.</param>
    /// <param name="resources">What it is made with.</param>
    /// <param name="withoutChunks">BDAT is not used, though it may be offered.</param>
    public OutboundConversation(DestinationKey destination, DeliveryResources resources, bool withoutChunks = false)
    {
        WithoutChunks = withoutChunks;
        _destination = destination;
        _resources = resources;
        _isLmtp = destination.Route is { Scheme: RouteTarget.Lmtp };
    }

    /// <summary>The address in use, or the one whose failure was reported.</summary>
    public NextHop? NextHop { get; private set; }

    /// <summary>How long it took to open the conversation, or to find that it cannot be opened; zero once it was told with an attempt.</summary>
    public TimeSpan Opening { get; private set; }

    /// <summary>Why the spool could not be read in the transaction that ended the connection; null when that was not the reason.</summary>
    public SpoolException? SpoolTrouble => _runner?.SpoolTrouble;

    /// <summary>What an administrator has to mend before this next hop takes mail; null when there is nothing.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Content goes behind DATA, whatever is offered.</summary>
    public bool WithoutChunks { get; }

    /// <summary>BDAT was offered, and not understood.</summary>
    public bool HasChunkFailed => _runner is { Dialogue.IsChunkNotUnderstood: true };

    /// <summary>True while another item may be carried.</summary>
    public bool IsUsable => _runner is { IsUsable: true };

    /// <summary>Finds the next hop. No connection is needed for that, whatever time it takes.</summary>
    /// <param name="flows">Whose mail waits for it.</param>
    /// <param name="stopping">Ends it in the middle.</param>
    /// <returns>Null when it is found, else the outcome for whatever waits for this destination.</returns>
    public async Task<RecipientOutcome?> FindAsync(IReadOnlyCollection<string> flows, CancellationToken stopping)
    {
        var began = _resources.Time.GetTimestamp();
        (_credentials, var failure) = await CredentialsAsync(stopping).ConfigureAwait(false);
        if (failure is null)
        {
            _found = await _resources.Resolver.ResolveAsync(_destination, flows, stopping).ConfigureAwait(false);
            failure = _found.Failure;
        }

        Opening = _resources.Time.GetElapsedTime(began);
        return failure;
    }

    /// <summary>Connects to the next hop that was found, and waits to be greeted.</summary>
    /// <returns>Null when the conversation is ready, else the outcome for whatever waits for this destination.</returns>
    public async Task<RecipientOutcome?> OpenAsync(CancellationToken stopping)
    {
        var began = _resources.Time.GetTimestamp();
        var failure = await OpenFirstAsync(stopping).ConfigureAwait(false);
        Opening += _resources.Time.GetElapsedTime(began);
        return failure;
    }

    /// <summary>What is known of an attempt. The time that it took to open the conversation belongs to the first one.</summary>
    /// <param name="message">What was to be carried; null when it could not be read.</param>
    /// <param name="transmit">How long that took.</param>
    public AttemptFacts TakeFacts(StoredMessage? message, TimeSpan transmit)
    {
        var facts = _facts with
        {
            Connect = Opening,
            Transmit = transmit,
            Sender = message?.Envelope.Sender.Text,
            Reception = message?.Reception ?? TimeSpan.Zero,
        };
        Opening = TimeSpan.Zero;
        return facts;
    }

    /// <summary>Runs one transaction.</summary>
    /// <param name="transaction">What to send to whom.</param>
    /// <param name="content">Where its octets are; null for a probe.</param>
    /// <param name="stopping">Ends it in the middle.</param>
    /// <param name="delivered">Told of recipients, by their places in the transaction, whose delivery is confirmed while others are waited for.</param>
    /// <returns>One outcome for each of its recipients, in its order.</returns>
    public async Task<IReadOnlyList<RecipientOutcome>> TransactAsync(
        ClientTransaction transaction, SpoolReader? content, CancellationToken stopping, Action<IReadOnlyList<(int Recipient, RecipientOutcome Outcome)>>? delivered = null)
    {
        if (_runner is { } runner && await runner.IsStillUsableAsync().ConfigureAwait(false))
        {
            runner.Dialogue.Begin(transaction, runner.Output);
            var heard = _isLmtp && delivered is not null ? DeliveredTo(runner.Dialogue, delivered) : null;
            await runner.RunAsync(content, stopping, heard).ConfigureAwait(false);
            return runner.Dialogue.Outcomes;
        }

        var gone = ClientOutcomes.Deferred(ClientStage.Mail, _runner?.Dialogue.Failure?.Reply ?? ClientReplies.ConnectionLost);
        return [.. Enumerable.Repeat(gone, transaction.Envelope.Recipients.Count)];
    }

    /// <summary>
    /// True when an outcome of a transaction tells of the connection and not of the mail, and nothing of the content was sent: the next hop has
    /// left, its replies do not fit the commands, it refuses RSET, or says that MAIL does not fit (503). That it is silent is no such thing: a
    /// fresh connection would be waited for as long again.
    /// </summary>
    public bool TellsOfConnection(RecipientOutcome outcome) =>
        outcome.Stage is ClientStage.Mail or ClientStage.Rcpt or ClientStage.Data
        && (outcome is { Stage: ClientStage.Mail, Reply.Code: MailDoesNotFit }
            || (outcome.Reply == _runner?.Dialogue.Failure?.Reply && outcome.Reply != ClientOutcomes.TimedOut));

    /// <summary>Says QUIT and waits a moment for the answer.</summary>
    public async Task QuitAsync(CancellationToken stopping)
    {
        if (_runner is not { } runner)
        {
            return;
        }

        try
        {
            if (await runner.IsStillUsableAsync().ConfigureAwait(false))
            {
                runner.Dialogue.Quit(runner.Output);
                await runner.RunAsync(null, stopping).ConfigureAwait(false);
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Closes the connection without another word.</summary>
    public void Dispose() => _runner?.Dispose();

    /// <summary>What a host has said tells more than that another fell silent, and that more than that a third could not be reached.</summary>
    private static int Worth(RecipientOutcome outcome) => outcome switch
    {
        { Stage: ClientStage.Connect } => 0,
        { Reply: var reply } when reply == ClientReplies.ConnectionLost || reply == ClientOutcomes.TimedOut => 1,
        _ => 2,
    };

    // Apart, so that a transaction with one answer does not pay for it.
    private static Action DeliveredTo(ClientDialogue dialogue, Action<IReadOnlyList<(int Recipient, RecipientOutcome Outcome)>> delivered) => () =>
    {
        var taken = new List<(int, RecipientOutcome)>();
        while (dialogue.TryTakeDelivered(out var recipient, out var outcome))
        {
            taken.Add((recipient, outcome));
        }

        if (taken.Count > 0)
        {
            delivered(taken);
        }
    };

    private AttemptFacts Facts(NextHop hop) => new()
    {
        NextHop = hop.ToString(),
        Tls = _runner!.Tls?.ToString(),
        PeerHasDsn = _runner.Dialogue.Capabilities.HasDsn,
        IsFinalDelivery = _isLmtp,
    };

    private async Task<(ClientCredentials? Credentials, RecipientOutcome? Refusal)> CredentialsAsync(CancellationToken stopping)
    {
        if (_destination.Route is not { } route || _resources.Policy.Current.AuthFor(route) is not { } auth)
        {
            return (null, null);
        }

        var (password, problem) = await _resources.Passwords.ReadAsync(auth.PasswordFile, stopping).ConfigureAwait(false);
        if (ClientCredentials.IsSendable(password))
        {
            return (new ClientCredentials(auth.User, password!), null);
        }

        Trouble = $"the password of {auth.User} in {auth.PasswordFile}: {(password is null ? problem : "cannot be sent: empty, too long, or with control characters")}";
        return (null, ClientOutcomes.Deferred(ClientStage.Auth, ClientOutcomes.NoCredentials));
    }

    private async Task<RecipientOutcome?> OpenFirstAsync(CancellationToken stopping)
    {
        var demand = TlsDemand.Of(_destination, _credentials is not null);
        RecipientOutcome? failure = null;
        foreach (var hop in _found!.Hops)
        {
            var outcome = await OpenAsync(hop, demand, _credentials, stopping).ConfigureAwait(false);
            if (outcome is null)
            {
                NextHop = hop;
                _facts = Facts(hop);
                return null;
            }

            var isLoop = outcome.Kind == OutcomeKind.Bounced;
            if (failure is null || (!isLoop && outcome.Stage != ClientStage.Connect && Worth(outcome) >= Worth(failure)))
            {
                // Where we stand in for a host that is down, mail waits for it.
                (NextHop, failure) = (hop, outcome);
            }

            if (isLoop || Trouble is not null)
            {
                break; // hosts behind ourselves are not for us (RFC 5321 section 5.1); and what is wrong with our settings is so everywhere
            }
        }

        return failure;
    }

    private async Task<RecipientOutcome?> OpenAsync(NextHop hop, TlsDemand demand, ClientCredentials? credentials, CancellationToken stopping)
    {
        var failure = await ConnectAsync(hop, demand, credentials, stopping).ConfigureAwait(false);
        if (failure is null || _runner?.Dialogue.Failure is not { Kind: ClientFailureKind.Tls } || demand.Fallback is not { } lesser)
        {
            return failure;
        }

        // Once, and for this connection alone: the next one asks for TLS again.
        var second = await ConnectAsync(hop, lesser, credentials, stopping).ConfigureAwait(false);
        return second is { Stage: ClientStage.Connect } ? failure : second; // what it said tells more than that it is not to be reached
    }

    private async Task<RecipientOutcome?> ConnectAsync(NextHop hop, TlsDemand demand, ClientCredentials? credentials, CancellationToken stopping)
    {
        _runner = null;
        using var limit = new CancellationTokenSource(_resources.Timeouts.Connect, _resources.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            var link = await _resources.Connector.ConnectAsync(hop, either.Token).ConfigureAwait(false);
            var demands = new ClientDemands
            {
                StartTls = demand.Use,
                IsTlsFallback = demand.IsFallback,
                IsLmtp = _isLmtp,
                WithoutChunks = WithoutChunks,
                Credentials = credentials,
            };
            _runner = new DialogueRunner(link, hop, demand, new ClientDialogue(_resources.Dialogue, demands), _resources);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return ClientOutcomes.Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Connecting to {hop} timed out"));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return ClientOutcomes.Deferred(ClientStage.Connect, new SmtpReply(451, new(4, 4, 1), $"Cannot connect to {hop}: {e.Message}"));
        }

        return await GreetAsync(hop, _runner, stopping).ConfigureAwait(false);
    }

    private async Task<RecipientOutcome?> GreetAsync(NextHop hop, DialogueRunner runner, CancellationToken stopping)
    {
        if (await runner.RunAsync(null, stopping).ConfigureAwait(false) == ClientStep.Ready)
        {
            return null;
        }

        var failure = runner.Dialogue.Failure!.Value;
        runner.Dispose();
        if (failure.Kind == ClientFailureKind.Authentication)
        {
            Trouble = $"AUTH at {hop}: {failure.Reply}";
        }

        // A host that refuses to talk to us says nothing of the recipients: another day, another host. Unless it is ourselves.
        var kind = failure.Kind == ClientFailureKind.Loop ? OutcomeKind.Bounced : OutcomeKind.Deferred;
        return new RecipientOutcome(kind, failure.Stage, failure.Reply);
    }
}

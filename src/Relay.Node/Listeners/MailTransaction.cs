using System.IO.Pipelines;
using System.Net;
using Akka.Actor;
using Relay.Actors.Sessions;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Messages.Sessions;
using Relay.Messages.Stored;
using Relay.Node.Authentication;
using Relay.Node.Inquiries;
using Relay.Node.Logging.Refusals;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;
using Envelope = Relay.Smtp.Envelopes.Envelope;

namespace Relay.Node.Listeners;

/// <summary>Decides what a dialogue asks: MAIL by the session, RCPT by the policy that the session granted, the body by the spool.</summary>
/// <remarks>One for each connection, used for one mail after another.</remarks>
internal sealed class MailTransaction : IRefusalObserver
{
    /// <summary>The rule of what the protocol and its limits refuse, where no policy is asked.</summary>
    private const string ProtocolRule = "protocol";

    private static readonly SmtpReply NoAnswer = new(451, new(4, 3, 0), "Cannot decide at the moment, try again later");

    private readonly ServerDialogue _dialogue;
    private ClientFacts _client;
    private readonly SmtpServices _services;
    private readonly MailInquiry _inquiry;
    private PendingDecision? _pending;
    private IActorRef? _session;
    private PolicySnapshot? _policy;
    private BodyReceiver? _body;
    private FromCollector? _from;
    private long _askedAt;
    private long _beganAt;
    private string? _rule;
    private string? _recipient;

    public MailTransaction(ServerDialogue dialogue, IPAddress client, string listener, SmtpServices services)
    {
        _dialogue = dialogue;
        _client = new ClientFacts(client, listener, null);
        _services = services;
        _inquiry = services.Inquirer.ForMailsOf(client);
        dialogue.Observer = this;
    }

    /// <inheritdoc/>
    public void Refused(RefusalPlace place, SmtpReply reply)
    {
        if (place == RefusalPlace.Recipient && _rule is null)
        {
            _services.Metrics.RecipientsRefused(reply.IsTemporary ? "limit" : "syntax");
        }

        _services.Refusals.Add(new RefusalFacts(
            _client.Address, _client.Listener, _dialogue.HeloName, _dialogue.Sender?.Text ?? "", _recipient, reply, _rule ?? ProtocolRule, _dialogue.Tls?.Summary)
        {
            User = _client.User ?? _dialogue.Claim?.User,
        });
        _rule = null;
        _recipient = null;
    }

    /// <summary>Asks what the policy wants to know of the client whatever it sends; waits for nothing.</summary>
    public void Begin() => _inquiry.Begin(_services.Policy.Current, _client);

    /// <summary>Answers one step of the dialogue.</summary>
    public async ValueTask DecideAsync(DialogueStep step, PipeWriter output)
    {
        switch (step)
        {
            case DialogueStep.DecideMail:
                await DecideMailAsync(output).ConfigureAwait(false);
                break;
            case DialogueStep.DecideRecipient:
                await DecideRecipientAsync(output).ConfigureAwait(false);
                break;
            case DialogueStep.FindVerifier or DialogueStep.DecideAuthentication:
                _rule = Authenticator.Rule;
                await _services.Logins.DecideAsync(_dialogue, _client.Address, _client.Listener, output).ConfigureAwait(false);
                (_rule, _client) = (null, _client with { User = _dialogue.User });
                break;
            case DialogueStep.DecideBody:
                await BeginBodyAsync(output).ConfigureAwait(false);
                break;
            case DialogueStep.DecideMessage:
                await DecideMessageAsync(output).ConfigureAwait(false);
                break;
            case DialogueStep.BodyAbandoned:
                await DiscardBodyAsync().ConfigureAwait(false);
                break;
            default:
                throw new InvalidOperationException($"The step {step} is not for a transaction.");
        }
    }

    /// <summary>Appends what the dialogue holds of the body.</summary>
    public ValueTask AppendBodyAsync()
    {
        _from?.Scan(_dialogue.Body);
        return _body!.AppendAsync(_dialogue.Body);
    }

    /// <summary>Gives back what was granted for a mail that is over.</summary>
    public void Settle()
    {
        if (_policy is not null)
        {
            _policy = null;
            _session!.Tell(SessionMessages.MailEnded.Instance);
        }
    }

    /// <summary>Gives up waiting for a session that does not answer; called by the sweep, on any thread.</summary>
    public void AbandonIfLate(long now, TimeSpan limit)
    {
        var askedAt = Volatile.Read(ref _askedAt);
        if (askedAt != 0 && _services.Time.GetElapsedTime(askedAt, now) > limit)
        {
            _pending!.Abandon(new TimeoutException("The session did not answer in time."));
        }
    }

    /// <summary>The connection is over.</summary>
    public async ValueTask CloseAsync()
    {
        await DiscardBodyAsync().ConfigureAwait(false);
        _session?.Tell(SessionMessages.ConnectionClosed.Instance);
    }

    private async ValueTask DecideMailAsync(PipeWriter output)
    {
        if (_client.User is { } user && !_services.Logins.IsUser(user))
        {
            _rule = Authenticator.Rule;
            _dialogue.RefuseMail(Authenticator.UserRemoved, output);
            return;
        }

        _pending ??= new PendingDecision();
        MailDecision decision;
        try
        {
            var answer = _pending.Ask();
            _beganAt = _services.Time.GetTimestamp();
            Volatile.Write(ref _askedAt, _beganAt);
            var request = new SessionMessages.MailRequested(_client, _dialogue.Sender!, _dialogue.Parameters!, _pending);
            if (_session is { } session)
            {
                session.Tell(request);
            }
            else
            {
                _services.Mail.OpenSession(request);
            }

            decision = await answer.ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionLostException or TimeoutException)
        {
            _services.SessionLog.NoDecision(_client.Address, e.Message);
            _session = null;
            _rule = "session";
            _dialogue.RefuseMail(NoAnswer, output);
            return;
        }
        finally
        {
            Volatile.Write(ref _askedAt, 0);
        }

        switch (decision)
        {
            case MailGranted granted:
                (_session, _policy) = (granted.Session, granted.Policy);
                _dialogue.Limits = granted.Policy.Limits;
                await _inquiry.FindAsync(granted.Policy, _client, _dialogue.Sender!).ConfigureAwait(false);
                _dialogue.AcceptMail(output);
                break;
            case MailRefused refused:
                _session = refused.Session;
                _rule = refused.Rule;
                _dialogue.RefuseMail(refused.Reply, output);
                break;
        }
    }

    private ValueTask DecideRecipientAsync(PipeWriter output)
    {
        var recipient = _dialogue.Candidate!.Path;
        var verdict = _policy!.DecideRecipient(_client, _dialogue.Sender!, recipient, _inquiry.Findings);
        if (verdict.IsAccept && _policy.CheckFor(recipient) is { } check)
        {
            return CheckRecipientAsync(check, recipient, output);
        }

        AnswerRecipient(recipient, verdict, RefusalReasons.Of(verdict.Rule), output);
        return ValueTask.CompletedTask;
    }

    private async ValueTask CheckRecipientAsync(RecipientCheck check, MailPath recipient, PipeWriter output)
    {
        var finding = await _services.Recipients.FindAsync(_policy!, check, recipient, _client.Address).ConfigureAwait(false);
        AnswerRecipient(
            recipient, _policy!.DecideFinding(check, finding), finding == RecipientFinding.Unknown ? "unknown" : "unavailable", output);
    }

    private void AnswerRecipient(MailPath recipient, Verdict verdict, string reason, PipeWriter output)
    {
        if (verdict.Reply is { } refusal)
        {
            _services.Metrics.RecipientsRefused(reason);
            (_rule, _recipient) = (verdict.RuleAndPlace, recipient.Text);
            _dialogue.RefuseRecipient(refusal, output);
            return;
        }

        _dialogue.AcceptRecipient(output);
    }

    private async ValueTask BeginBodyAsync(PipeWriter output)
    {
        var body = await BodyReceiver.BeginAsync(_services.Spool, TraceOf, _services.SessionLog).ConfigureAwait(false);
        if (body.Failure is { } failure)
        {
            _rule = "spool";
            _dialogue.RefuseBody(failure, output);
            return;
        }

        _body = body;
        _from = HeaderFrom.Collect(_policy!, _client, _inquiry.Findings, _dialogue);
        _dialogue.AcceptBody(output);
    }

    private async ValueTask DecideMessageAsync(PipeWriter output)
    {
        if (_from is not null && HeaderFrom.Refuse(_policy!, _client, _inquiry.Findings, _from) is { } refusal)
        {
            await DiscardBodyAsync().ConfigureAwait(false);
            _rule = refusal.RuleAndPlace;
            _dialogue.RefuseMessage(refusal.Reply!, output);
            return;
        }

        var body = _body!;
        _body = null;
        var origin = new MessageOrigin(_client.Address, _dialogue.HeloName, _client.Listener, _client.User);
        var message = new StoredMessage(
            Resolve(_dialogue.ToEnvelope()), origin, _services.Time.GetUtcNow(), _dialogue.BodyHas8Bit)
        {
            HeaderMayHave8Bit = _dialogue.HeaderHas8Bit,
            Reception = _services.Time.GetElapsedTime(_beganAt),
        };
        if (!await body.TryCommitAsync(message).ConfigureAwait(false))
        {
            _rule = "spool";
            _dialogue.RefuseMessage(body.Failure!, output);
            return;
        }

        // Nothing may come between the disk's word and these lines: the message is the queue's before its sender hears of it.
        _services.Mail.Queue.Tell(new QueueMessages.MessageAccepted(body.Id, message, body.Length));
        _services.Metrics.MessageAccepted();
        _services.MailLog.Accepted(body.Id, message, body.Length, _dialogue.Tls?.Summary);
        _dialogue.AcceptMessage(new SmtpReply(250, new(2, 0, 0), $"Ok: queued as {body.Id}"), output);
        Settle();
    }

    private async ValueTask DiscardBodyAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DiscardAsync().ConfigureAwait(false);
        }
    }

    private Envelope Resolve(Envelope envelope)
    {
        var recipients = envelope.Recipients;
        for (var i = 0; i < recipients.Count; i++)
        {
            if (recipients[i].Path.Domain is null)
            {
                return envelope with
                {
                    Recipients = [.. recipients.Select(r => r with { Path = _policy!.ResolveRecipient(r.Path) })],
                };
            }
        }

        return envelope;
    }

    private TraceFacts TraceOf(MessageId id) => new(
        _dialogue.HeloName,
        _client.Address,
        _services.HostName,
        Protocol(),
        id.ToString(),
        _dialogue.Recipients.Count == 1 ? _dialogue.Recipients[0].Path : null,
        _services.Time.GetUtcNow())
    {
        CipherSuite = _dialogue.Tls?.CipherSuite,
        ClientName = _inquiry.Findings.ClientName.Name,
    };

    private string Protocol() => TraceHeader.ProtocolName(
        _dialogue.IsExtended, _dialogue.Parameters!.SmtpUtf8, _dialogue.IsTls, isAuthenticated: _client.User is not null);
}

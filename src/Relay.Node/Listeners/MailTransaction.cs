using System.IO.Pipelines;
using Relay.Actors.Accounts;
using Relay.Actors.Sessions;
using Relay.Messages.Sessions;
using Relay.Node.Authentication;
using Relay.Node.Inquiries;
using Relay.Node.Listeners.Proxy;
using Relay.Node.Logging.Refusals;
using Relay.Node.Penalties;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Authentication;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>Decides what a dialogue asks: MAIL by the session, RCPT by the policy that the session granted, the body by <see cref="MessageReception"/>.</summary>
/// <remarks>One for each connection, used for one mail after another.</remarks>
internal sealed class MailTransaction : IRefusalObserver
{
    /// <summary>The rule of what the protocol and its limits refuse, where no policy is asked.</summary>
    private const string ProtocolRule = "protocol";

    private static readonly SmtpReply NoAnswer = new(451, new(4, 3, 0), "Cannot decide at the moment, try again later");

    private readonly ServerDialogue _dialogue;
    private readonly SmtpServices _services;
    private readonly MailInquiry _inquiry;
    private readonly SessionLink _session;
    private readonly MessageReception _reception;
    private readonly MailGate _gate;
    private readonly MailGreylist _greylist;
    private readonly MailLimits _limits;
    private ClientFacts _client;
    private AcceptedLogin? _login;
    private GrantedMail? _mail;
    private string? _rule;

    public MailTransaction(ServerDialogue dialogue, Arrival arrival, string listener, SmtpServices services)
    {
        _dialogue = dialogue;
        _client = new ClientFacts(arrival.Address, listener, null) { IsBalancer = arrival.IsBalancer };
        _services = services;
        _inquiry = services.Inquirer.ForMailsOf(arrival.Address);
        _session = new SessionLink(services.Mail, services.Time);
        _reception = new MessageReception(dialogue, services, _inquiry);
        _gate = new MailGate(services);
        _greylist = new MailGreylist(dialogue, services);
        _limits = new MailLimits(dialogue, services, _session);
        dialogue.Observer = this;
    }

    /// <summary>The client is of <c>relay.networks</c>, or has logged in.</summary>
    public bool IsTrusted => _client.User is not null || _services.Policy.Current.IsRelayNetwork(_client);

    /// <summary>Its mail is too slow while others wait for the room that is held for it.</summary>
    public bool MustGiveWay => _mail is { Hold.MustGiveWay: true };

    /// <inheritdoc/>
    public void Refused(RefusalPlace place, SmtpReply reply)
    {
        if (place == RefusalPlace.Recipient && _rule is null)
        {
            _services.Metrics.RecipientsRefused(reply.IsTemporary ? "limit" : "syntax");
        }

        _services.Refusals.Add(new RefusalFacts(
            _client.Address, _client.Listener, _dialogue.HeloName, _dialogue.Sender?.Text, RecipientOf(place), reply, _rule ?? ProtocolRule, _dialogue.Tls?.Summary)
        {
            User = _client.User ?? _dialogue.Claim?.User,
            Mechanism = _dialogue.Claim is { } claim ? SaslMechanisms.NameOf(claim.Mechanism) : null,
        });
        if (place == RefusalPlace.Recipient && RefusedAddress.Tells(reply))
        {
            _services.Accounts.Breaker.Refuse(_client.User);
        }

        _services.Penalties.Add(_client, Offences.Of(place, reply, _rule));
        _rule = null;
    }

    /// <summary>Asks what the policy wants to know of the client whatever it sends, and waits only for whether it speaks before it is greeted.</summary>
    /// <returns>False when it did, and was refused.</returns>
    public async ValueTask<bool> BeginAsync(PipeReader input, PipeWriter output)
    {
        var policy = _services.Policy.Current;
        _inquiry.Begin(policy, _client);
        var wait = policy.Connections.PregreetWait;
        if (wait == TimeSpan.Zero || IsTrusted || !await Pregreet.SpokeAsync(input, wait, _services.Time).ConfigureAwait(false))
        {
            return true;
        }

        _rule = Pregreet.Rule;
        ReplyWriter.Write(Pregreet.Reply, output);
        Refused(RefusalPlace.Command, Pregreet.Reply);
        return false;
    }

    /// <summary>Between mails the limits are those of the policy in force: what MAIL declares is judged by them.</summary>
    public void FollowPolicy()
    {
        if (_mail is null)
        {
            _dialogue.Limits = _services.Policy.Current.Limits;
        }
    }

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
                _login = await _services.Logins.DecideAsync(_dialogue, _client.Address, _client.Listener, output).ConfigureAwait(false);
                (_rule, _client) = (null, _client with { User = _login?.User });
                break;
            case DialogueStep.DecideBody:
                if ((_gate.RefuseUnderPressure(_client) ?? _greylist.OfContent ?? await _reception.BeginAsync(_mail!, output).ConfigureAwait(false)) is { } unwanted)
                {
                    _rule = unwanted.Rule;
                    _dialogue.RefuseBody(unwanted.Reply, output);
                }

                break;
            case DialogueStep.DecideMessage:
                await DecideMessageAsync(output).ConfigureAwait(false);
                break;
            case DialogueStep.BodyAbandoned:
                await _reception.DiscardAsync().ConfigureAwait(false);
                break;
            default:
                throw new InvalidOperationException($"The step {step} is not for a transaction.");
        }
    }

    /// <summary>Appends what the dialogue holds of the body.</summary>
    public ValueTask AppendBodyAsync() => _reception.AppendAsync();

    /// <summary>Gives back what was granted for a mail that is over.</summary>
    /// <param name="isKept">It was accepted, and is the queue's.</param>
    public void Settle(bool isKept = false)
    {
        if (_mail is not null)
        {
            _mail = null;
            _limits.End(_reception.TakeOctets());
            _session.TellMailEnded(isKept);
        }
    }

    /// <summary>Ends the conversation, and the mail that it is in, because the client is too slow.</summary>
    public async ValueTask EndForSlownessAsync(PipeWriter output)
    {
        (var reply, _rule) = SlowClient.RefusalFor(MustGiveWay);
        ReplyWriter.Write(reply, output);
        Refused(RefusalPlace.Command, reply);
        await _reception.DiscardAsync().ConfigureAwait(false);
        Settle(); // at once: it may take its time to hear of it
    }

    /// <summary>Gives up waiting for a session that does not answer; called by the sweep, on any thread.</summary>
    public void AbandonIfLate(long now, TimeSpan limit) => _session.AbandonIfLate(now, limit);

    /// <summary>The connection is over.</summary>
    public async ValueTask CloseAsync()
    {
        _inquiry.End();
        await _reception.DiscardAsync().ConfigureAwait(false);
        _session.Close();
    }

    private string? RecipientOf(RefusalPlace place) => place switch
    {
        RefusalPlace.Recipient => _dialogue.Candidate?.Path.Text,
        RefusalPlace.Message when _dialogue.Recipients is [var only] => only.Path.Text,
        _ => null,
    };

    private async ValueTask DecideMailAsync(PipeWriter output)
    {
        if (_gate.Refuse(_client, _login) is { } notNow)
        {
            _rule = notNow.Rule;
            _dialogue.RefuseMail(notNow.Reply, output);
            return;
        }

        var beganAt = _services.Time.GetTimestamp();
        MailDecision decision;
        try
        {
            decision = await _session.AskAsync(_client, _dialogue.Sender!, _dialogue.Parameters!).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionLostException or TimeoutException)
        {
            _services.SessionLog.NoDecision(_client.Address, e.Message);
            _rule = "session";
            _dialogue.RefuseMail(NoAnswer, output);
            return;
        }

        switch (decision)
        {
            case MailGranted granted:
                _mail = new GrantedMail(granted.Policy, _client, beganAt, granted.Hold);
                _limits.Begin(granted.Claims);
                _greylist.Begin();
                _dialogue.Limits = granted.Policy.Limits;
                await _inquiry.FindAsync(granted.Policy, _client, _dialogue.Sender!).ConfigureAwait(false);
                _dialogue.AcceptMail(output);
                break;
            case MailRefused refused:
                _rule = refused.Rule;
                _dialogue.RefuseMail(refused.Reply, output);
                break;
        }
    }

    private ValueTask DecideRecipientAsync(PipeWriter output)
    {
        var policy = _mail!.Policy;
        var recipient = _dialogue.Candidate!.Path;
        var verdict = policy.DecideRecipient(_client, _dialogue.Sender!, recipient, _inquiry.Findings);
        if (verdict.IsAccept && policy.CheckFor(recipient) is { } check)
        {
            return CheckRecipientAsync(check, recipient, output);
        }

        return AnswerRecipientAsync(recipient, verdict, RefusalReasons.Of(verdict.Rule), output);
    }

    private async ValueTask CheckRecipientAsync(RecipientCheck check, MailPath recipient, PipeWriter output)
    {
        var finding = await _services.Recipients.FindAsync(_mail!.Policy, check, recipient, _client).ConfigureAwait(false);
        await AnswerRecipientAsync(
            recipient, _mail!.Policy.DecideFinding(check, finding), finding == RecipientFinding.Unknown ? "unknown" : "unavailable", output)
            .ConfigureAwait(false);
    }

    private ValueTask AnswerRecipientAsync(MailPath recipient, Verdict verdict, string reason, PipeWriter output) =>
        verdict.IsAccept && _mail!.Policy.Greylists(_client, recipient, _inquiry.Findings)
            ? GreylistAsync(recipient, verdict, output)
            : LimitAsync(recipient, verdict, reason, output);

    private async ValueTask GreylistAsync(MailPath recipient, Verdict verdict, PipeWriter output)
    {
        var greylisted = await _greylist.FindAsync(_mail!, recipient).ConfigureAwait(false);
        await LimitAsync(recipient, greylisted ?? verdict, "greylist", output).ConfigureAwait(false);
    }

    // Last of all, so that recipients who do not exist cost nobody anything.
    private ValueTask LimitAsync(MailPath recipient, Verdict verdict, string reason, PipeWriter output)
    {
        if (verdict.IsAccept && _limits.Claims(_mail!, recipient) is { Count: > 0 } claims)
        {
            return HoldAgainstLimitsAsync(claims, recipient, output);
        }

        AnswerRecipient(verdict, reason, output);
        return ValueTask.CompletedTask;
    }

    private async ValueTask HoldAgainstLimitsAsync(IReadOnlyList<LimitClaim> claims, MailPath recipient, PipeWriter output)
    {
        try
        {
            var refusal = await _limits.TakeAsync(_mail!, claims).ConfigureAwait(false);
            AnswerRecipient(refusal ?? MailLimits.Within, "limit", output);
        }
        catch (Exception e) when (e is SessionLostException or TimeoutException)
        {
            _services.SessionLog.NoDecision(_client.Address, e.Message);
            _rule = "session";
            _services.Metrics.RecipientsRefused("unavailable");
            _dialogue.RefuseRecipient(NoAnswer, output);
        }
    }

    private void AnswerRecipient(Verdict verdict, string reason, PipeWriter output)
    {
        if (verdict.Reply is { } refusal)
        {
            _services.Metrics.RecipientsRefused(reason);
            _rule = verdict.RuleAndPlace;
            _dialogue.RefuseRecipient(refusal, output);
            return;
        }

        _services.Accounts.Breaker.Accept(_client.User);
        _dialogue.AcceptRecipient(output);
    }

    private async ValueTask DecideMessageAsync(PipeWriter output)
    {
        if (await _reception.FinishAsync(_mail!, output).ConfigureAwait(false) is { } unwanted)
        {
            _rule = unwanted.Rule;
            _dialogue.RefuseMessage(unwanted.Reply, output);
            return;
        }

        Settle(isKept: true);
    }
}

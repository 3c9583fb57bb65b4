using System.IO.Pipelines;
using Akka.Actor;
using Relay.Messages.Ids;
using Relay.Messages.Intake;
using Relay.Messages.Queues;
using Relay.Messages.Stored;
using Relay.Node.Inquiries;
using Relay.Smtp.Content;
using Relay.Smtp.Replies;
using Relay.Smtp.Server;
using Envelope = Relay.Smtp.Envelopes.Envelope;

namespace Relay.Node.Listeners;

/// <summary>Receives the content of one granted mail after another: into the spool, past the look at its From header, and to the queue.</summary>
/// <remarks>What it takes it accepts by itself. A refusal it hands back, because that has a rule to be told of before the client hears it.</remarks>
internal sealed class MessageReception
{
    /// <summary>A body that is larger than what is held for it is given so many octets more at a time. 1 MiB.</summary>
    public const long GrowthBytes = 1L << 20;

    private const string SpoolRule = "spool";

    private readonly ServerDialogue _dialogue;
    private readonly SmtpServices _services;
    private readonly MailInquiry _inquiry;
    private BodyReceiver? _body;
    private ISpaceHold? _hold;
    private MailRefusal? _refusal;
    private FromCollector? _from;
    private long _octets;

    public MessageReception(ServerDialogue dialogue, SmtpServices services, MailInquiry inquiry)
    {
        _dialogue = dialogue;
        _services = services;
        _inquiry = inquiry;
    }

    /// <summary>Begins a body.</summary>
    /// <returns>Why it may not begin; null when it was accepted.</returns>
    public async ValueTask<MailRefusal?> BeginAsync(GrantedMail mail, PipeWriter output)
    {
        var body = await BodyReceiver.BeginAsync(_services.Spool, id => TraceOf(mail, id), _services.SessionLog).ConfigureAwait(false);
        if (body.Failure is { } failure)
        {
            return new MailRefusal(failure, SpoolRule);
        }

        _body = body;
        _hold = mail.Hold;
        _refusal = null;
        _from = HeaderFrom.Collect(mail.Policy, mail.Client, _inquiry.Findings, _dialogue);
        _dialogue.AcceptBody(output);
        return null;
    }

    /// <summary>Appends what the dialogue holds of the body.</summary>
    public ValueTask AppendAsync()
    {
        _from?.Scan(_dialogue.Body);
        _octets += _dialogue.Body.Length;
        _hold!.Arrived(_octets);
        if (_refusal is null && _octets > _hold.Bytes && _hold.GrowTo(_octets, GrowthBytes) is { } refusal)
        {
            _refusal = new MailRefusal(refusal.Reply, refusal.Reason);
            _hold.Release(); // nothing more of it is kept
            return _body!.RefuseAsync(refusal.Reply);
        }

        return _body!.AppendAsync(_dialogue.Body);
    }

    /// <summary>Octets of content that came since the last call, whatever became of them.</summary>
    public long TakeOctets()
    {
        var octets = _octets;
        _octets = 0;
        return octets;
    }

    /// <summary>Decides on a body that has come whole, and keeps it.</summary>
    /// <returns>Why it is not kept; null when it is, and was accepted.</returns>
    public async ValueTask<MailRefusal?> FinishAsync(GrantedMail mail, PipeWriter output)
    {
        if (_from is not null && HeaderFrom.Refuse(mail.Policy, mail.Client, _inquiry.Findings, _from) is { } verdict)
        {
            await DiscardAsync().ConfigureAwait(false);
            return new MailRefusal(verdict.Reply!, verdict.RuleAndPlace);
        }

        var body = _body!;
        _body = null;
        var client = mail.Client;
        var origin = new MessageOrigin(client.Address, _dialogue.HeloName, client.Listener, client.User);
        var message = new StoredMessage(
            Resolve(mail, _dialogue.ToEnvelope()), origin, _services.Time.GetUtcNow(), _dialogue.BodyHas8Bit)
        {
            HeaderMayHave8Bit = _dialogue.HeaderHas8Bit,
            Reception = _services.Time.GetElapsedTime(mail.BeganAt),
        };
        mail.Hold.ShrinkTo(body.Length);
        if (!await body.TryCommitAsync(message).ConfigureAwait(false))
        {
            return _refusal ?? new MailRefusal(body.Failure!, SpoolRule);
        }

        // Nothing may come between the disk's word and these lines: the message is the queue's before its sender hears of it.
        var holdReason = _services.Accounts.HoldReasonOf(client.User);
        _services.Mail.Queue.Tell(new QueueMessages.MessageAccepted(body.Id, message, body.Length) { Hold = mail.Hold, HoldReason = holdReason });
        _services.Metrics.MessageAccepted();
        if (holdReason is null)
        {
            _services.Accounts.Accepted(client.User, body.Id);
        }

        _services.MailLog.Accepted(body.Id, message, body.Length, _dialogue.Tls?.Summary);
        _dialogue.AcceptMessage(new SmtpReply(250, new(2, 0, 0), $"Ok: queued as {body.Id}"), output);
        return null;
    }

    /// <summary>Drops what came of a body that is not to be kept.</summary>
    public async ValueTask DiscardAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DiscardAsync().ConfigureAwait(false);
        }
    }

    private static Envelope Resolve(GrantedMail mail, Envelope envelope)
    {
        var recipients = envelope.Recipients;
        for (var i = 0; i < recipients.Count; i++)
        {
            if (recipients[i].Path.Domain is null)
            {
                return envelope with
                {
                    Recipients = [.. recipients.Select(r => r with { Path = mail.Policy.ResolveRecipient(r.Path) })],
                };
            }
        }

        return envelope;
    }

    private TraceFacts TraceOf(GrantedMail mail, MessageId id) => new(
        _dialogue.HeloName,
        mail.Client.Address,
        _services.HostName,
        Protocol(mail),
        id.ToString(),
        _dialogue.Recipients.Count == 1 ? _dialogue.Recipients[0].Path : null,
        _services.Time.GetUtcNow())
    {
        CipherSuite = _dialogue.Tls?.CipherSuite,
        ClientName = _inquiry.Findings.ClientName.Name,
    };

    private string Protocol(GrantedMail mail) => TraceHeader.ProtocolName(
        _dialogue.IsExtended, _dialogue.Parameters!.SmtpUtf8, _dialogue.IsTls, isAuthenticated: mail.Client.User is not null);
}

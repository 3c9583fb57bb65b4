using Akka.Actor;
using Relay.Actors.Policy.Limits;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>Holds one granted mail after another against the policy's limits: recipients as they come, and the true size at its end.</summary>
internal sealed class MailLimits
{
    /// <summary>What is said when no limit refuses.</summary>
    public static readonly Verdict Within = new(VerdictAction.Accept, "limits", null);

    private readonly ServerDialogue _dialogue;
    private readonly LimitAgent _limits;
    private readonly SessionLink _session;
    private readonly List<LimitClaim> _bytes = [];

    public MailLimits(ServerDialogue dialogue, SmtpServices services, SessionLink session)
    {
        _dialogue = dialogue;
        _limits = services.Policy.Limits;
        _session = session;
    }

    /// <summary>A mail was granted, which took this.</summary>
    public void Begin(IReadOnlyList<LimitClaim> claims)
    {
        _bytes.Clear();
        Remember(claims);
    }

    /// <summary>What a recipient takes that is to be accepted.</summary>
    public IReadOnlyList<LimitClaim> Claims(GrantedMail mail, MailPath recipient)
    {
        var limits = mail.Policy.RateLimits;
        if (limits.All.Count == 0)
        {
            return [];
        }

        var resolved = mail.Policy.ResolveRecipient(recipient);
        var isFirst = !limits.AsksForFirstOfDomain
            || !_dialogue.Recipients.Any(before => resolved.Domain!.Equals(mail.Policy.ResolveRecipient(before.Path).Domain));
        return limits.ForRecipient(mail.Client, _dialogue.Sender!, resolved, _dialogue.Parameters!.DeclaredSize, isFirst);
    }

    /// <summary>Takes what a recipient takes.</summary>
    /// <returns>The verdict of the limit that refuses it; null when all let it pass.</returns>
    public async ValueTask<Verdict?> TakeAsync(GrantedMail mail, IReadOnlyList<LimitClaim> claims)
    {
        var answer = _limits.Leases.Take(claims, mail.Policy.RateLimits.Fallback);
        var refusal = answer.Kind == LimitAnswerKind.Unknown
            ? (await _session.AskAsync(claims).ConfigureAwait(false) as RecipientRefused)?.Verdict
            : answer.Refusal;
        if (refusal is null)
        {
            Remember(claims);
        }

        return refusal;
    }

    /// <summary>The mail is over: what it took of limits on bytes becomes what it was.</summary>
    /// <param name="octets">Octets of content that came, whatever became of them.</param>
    public void End(long octets)
    {
        foreach (var claim in _bytes)
        {
            if (octets < claim.Cost)
            {
                _limits.Leases.GiveBack(claim with { Cost = claim.Cost - octets });
                continue;
            }

            var (actual, rest) = _limits.Leases.Debit(claim, octets - claim.Cost);
            if (rest > 0)
            {
                _limits.Desk?.Tell(new LimitDeskActor.Used(actual, rest));
            }
        }

        _bytes.Clear();
    }

    private void Remember(IReadOnlyList<LimitClaim> claims)
    {
        for (var i = 0; i < claims.Count; i++)
        {
            if (claims[i].Rule.Limit.Unit == LimitUnit.Bytes)
            {
                _bytes.Add(claims[i]);
            }
        }
    }
}

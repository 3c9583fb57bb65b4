using Akka.Actor;
using Relay.Actors;
using Relay.Actors.Sessions;
using Relay.Messages.Sessions;
using Relay.Policy.Decisions;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;
using Relay.Smtp.Envelopes;

namespace Relay.Node.Listeners;

/// <summary>A connection's end of the talk with its session: asks, waits for a bounded time, and tells what is over.</summary>
internal sealed class SessionLink
{
    private readonly MailSystem _mail;
    private readonly TimeProvider _time;
    private PendingDecision? _pending;
    private IActorRef? _session;
    private long _askedAt;

    public SessionLink(MailSystem mail, TimeProvider time)
    {
        _mail = mail;
        _time = time;
    }

    /// <summary>Asks whether a mail may begin; the first question makes the session.</summary>
    /// <exception cref="SessionLostException">The session ended; the next question makes another.</exception>
    /// <exception cref="TimeoutException">It did not answer in time (<see cref="AbandonIfLate"/>); the next question makes another.</exception>
    public async ValueTask<MailDecision> AskAsync(ClientFacts client, MailPath sender, MailParameters parameters)
    {
        var decision = await AskAsync(pending =>
        {
            var request = new SessionMessages.MailRequested(client, sender, parameters, pending);
            if (_session is { } session)
            {
                session.Tell(request);
            }
            else
            {
                _mail.OpenSession(request);
            }
        }).ConfigureAwait(false);
        _session = decision switch
        {
            MailGranted granted => granted.Session,
            MailRefused refused => refused.Session,
            _ => _session,
        };
        return decision;
    }

    /// <summary>Asks whether a recipient of the granted mail may be taken, of whose limits the node has no lease.</summary>
    /// <exception cref="SessionLostException">As above.</exception>
    /// <exception cref="TimeoutException">As above.</exception>
    public ValueTask<MailDecision> AskAsync(IReadOnlyList<LimitClaim> claims)
    {
        var session = _session!;
        return AskAsync(pending => session.Tell(new SessionMessages.RecipientRequested(claims, pending)));
    }

    private async ValueTask<MailDecision> AskAsync(Action<PendingDecision> tell)
    {
        _pending ??= new PendingDecision();
        try
        {
            var answer = _pending.Ask();
            Volatile.Write(ref _askedAt, _time.GetTimestamp());
            tell(_pending);
            return await answer.ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionLostException or TimeoutException)
        {
            _session = null;
            throw;
        }
        finally
        {
            Volatile.Write(ref _askedAt, 0);
        }
    }

    /// <summary>Gives up waiting for a session that does not answer; called by the sweep, on any thread.</summary>
    public void AbandonIfLate(long now, TimeSpan limit)
    {
        var askedAt = Volatile.Read(ref _askedAt);
        if (askedAt != 0 && _time.GetElapsedTime(askedAt, now) > limit)
        {
            _pending!.Abandon(new TimeoutException("The session did not answer in time."));
        }
    }

    /// <summary>The mail that was granted is over: what was held for it is free again, or the queue's to give back.</summary>
    public void TellMailEnded(bool isKept) => _session?.Tell(isKept ? SessionMessages.MailEnded.Kept : SessionMessages.MailEnded.NotKept);

    /// <summary>The connection is over.</summary>
    public void Close() => _session?.Tell(SessionMessages.ConnectionClosed.Instance);
}

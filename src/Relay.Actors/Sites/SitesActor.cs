using Akka.Actor;
using Akka.Event;
using Relay.Actors.Policy;
using Relay.Messages.Destinations;
using Relay.Smtp.Addresses;
using Relay.Smtp.Client;
using Relay.Smtp.Replies;

namespace Relay.Actors.Sites;

/// <summary>Answers which next-hop site serves a domain: so many look-ups at once, each within its time, one for all who ask the same.</summary>
/// <remarks>Every question is answered once, also when the code that looks up fails. The look-ups themselves are asynchronous code beside it.</remarks>
public sealed class SitesActor : ReceiveActor
{
    private static readonly SmtpReply TimedOut = new(451, new(4, 4, 3), "Finding the domain's mail exchangers takes too long");
    private static readonly SmtpReply Broken = new(451, new(4, 3, 0), "Finding the domain's mail exchangers failed on this host");
    private static readonly SmtpReply Busy = new(451, new(4, 3, 2), "Too many domains wait for their mail exchangers to be found");

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ISiteResolver _resolver;
    private readonly PolicyAgent _policy;
    private readonly SiteLimits _limits;
    private readonly TimeProvider _time;
    private readonly SiteQuestions<IActorRef> _questions;

    /// <summary>Called by <see cref="PropsFor"/>.</summary>
    public SitesActor(ISiteResolver resolver, PolicyAgent policy, SiteLimits limits, TimeProvider time)
    {
        _resolver = resolver;
        _policy = policy;
        _limits = limits;
        _time = time;
        _questions = new SiteQuestions<IActorRef>(limits);
        Receive<SiteMessages.ResolveSite>(OnResolve);
        Receive<LookedUp>(OnLookedUp);
    }

    /// <summary>The actor's recipe.</summary>
    public static Props PropsFor(ISiteResolver resolver, PolicyAgent policy, SiteLimits limits, TimeProvider time) =>
        Props.Create(() => new SitesActor(resolver, policy, limits, time));

    /// <summary>Look-ups that are on end with the actor.</summary>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void OnResolve(SiteMessages.ResolveSite question)
    {
        if (!_questions.TryAdd(question, Sender))
        {
            Sender.Tell(Deferred(question.Domain, Busy));
            return;
        }

        BeginLookups();
    }

    private void OnLookedUp(LookedUp ended)
    {
        if (ended.Defect is { } defect)
        {
            _log.Error(defect, "Looking up the mail exchangers of {Domain} failed", ended.Answer.Domain);
        }

        foreach (var asker in _questions.Finish(ended.Answer.Domain))
        {
            asker.Tell(ended.Answer);
        }

        BeginLookups();
    }

    private void BeginLookups()
    {
        while (_questions.TryBegin(out var domain))
        {
            LookUpAsync(domain, _stopping.Token).PipeTo(Self);
        }
    }

    // Its task never fails: whatever happens, whoever asked is answered.
    private async Task<LookedUp> LookUpAsync(MailDomain domain, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(_limits.LookupTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            // A look-up that does not heed its end must not keep its place either.
            var answer = await _resolver.ResolveAsync(domain, _policy.Current.TlsFor(domain), either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            return new LookedUp(answer, null);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return new LookedUp(Deferred(domain, TimedOut), null);
        }
        catch (Exception e)
        {
            return new LookedUp(Deferred(domain, Broken), e);
        }
    }

    private SiteMessages.SiteResolved Deferred(MailDomain domain, SmtpReply reply) =>
        new(domain, null, new RecipientOutcome(OutcomeKind.Deferred, ClientStage.Connect, reply), _limits.FailureTime);

    private sealed record LookedUp(SiteMessages.SiteResolved Answer, Exception? Defect) : INoSerializationVerificationNeeded;
}

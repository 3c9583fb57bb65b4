using Relay.Actors.Deliveries;
using Relay.Actors.Sites;
using Relay.Messages.Destinations;
using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Node.Places;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Recipients;

/// <summary>Asks the next hop of a recipient's domain whether the recipient exists, and remembers what it said. Thread-safe.</summary>
/// <remarks>
/// However many ask for the same recipient, one question is asked. The next hop is found as for a delivery: by route or by MX, never in networks
/// that policy does not connect to. Whatever is no clear answer is trouble, and what trouble means the policy says.
/// </remarks>
internal sealed class Callouts : IDisposable
{
    private readonly ISiteResolver _sites;
    private readonly RecipientLog _log;
    private readonly CalloutResources _resources;
    private readonly CalloutAnswers _answers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimedCache<string, bool> _lostDomains;
    private readonly TimedCache<CalloutKey, bool> _lostRecipients;
    private readonly ClientRates _clients;
    private readonly ClientRates _networks;
    private readonly Lock _gate = new();
    private readonly Dictionary<CalloutKey, CalloutQuestion> _asked = [];
    private readonly Dictionary<DestinationKey, CalloutSite> _hops = [];

    /// <param name="sites">Finds the sites of domains without a route.</param>
    /// <param name="delivery">What mail is delivered with.</param>
    /// <param name="log">Told of trouble.</param>
    /// <param name="limits">The bounds.</param>
    public Callouts(ISiteResolver sites, DeliveryResources delivery, RecipientLog log, CalloutLimits limits)
    {
        _sites = sites;
        _log = log;
        _resources = new CalloutResources(delivery, limits, _stopping.Token);
        _answers = new CalloutAnswers(limits, delivery.Time);
        _lostDomains = new TimedCache<string, bool>(limits.LostDomainsMax, delivery.Time);
        _lostRecipients = new TimedCache<CalloutKey, bool>(limits.LostRecipientsMax, delivery.Time);
        _clients = new ClientRates(delivery.Time, limits.ClientsMax);
        _networks = new ClientRates(delivery.Time, limits.ClientsMax);
    }

    /// <summary>Whether a recipient exists; at once when that is remembered.</summary>
    /// <param name="policy">Names the route, and the demand of TLS.</param>
    /// <param name="recipient">A path with a domain.</param>
    /// <param name="client">Who names it: the questions of one client are bounded, but not those of <c>relay.networks</c>.</param>
    public ValueTask<RecipientFinding> FindAsync(PolicySnapshot policy, MailPath recipient, ClientFacts client)
    {
        var key = CalloutKey.Of(policy.FindRoute(recipient.Domain!)?.Target, recipient);
        var remembered = _answers.Find(key, out var isDue);
        if (remembered is { } finding && !isDue)
        {
            return ValueTask.FromResult(finding);
        }

        return _lostRecipients.TryGet(key, out _, out _) ? ValueTask.FromResult(remembered ?? RecipientFinding.Trouble)
            : MayAsk(policy, client) ? AskAsync(key, policy, recipient, ClientKey.OfNetwork(client.Address), remembered)
            : ValueTask.FromResult(remembered ?? RecipientFinding.Busy);
    }

    /// <summary>Ends every question; whoever waits hears of trouble.</summary>
    public void Stop()
    {
        if (!_stopping.IsCancellationRequested)
        {
            _stopping.Cancel();
        }
    }

    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
        _resources.Dispose();
    }

    private bool MayAsk(PolicySnapshot policy, ClientFacts client)
    {
        if (policy.IsRelayNetwork(client))
        {
            return true;
        }

        lock (_gate)
        {
            return _clients.TryTake(ClientKey.OfClient(client.Address), _resources.Limits.ClientRate)
                && _networks.TryTake(ClientKey.OfNetwork(client.Address), _resources.Limits.NetworkRate);
        }
    }

    private async ValueTask<RecipientFinding> AskAsync(CalloutKey key, PolicySnapshot policy, MailPath recipient, ClientKey network, RecipientFinding? remembered)
    {
        var finding = await ShareAsync(key, policy, recipient, network).ConfigureAwait(false);
        return finding is RecipientFinding.Trouble or RecipientFinding.Busy ? remembered ?? finding : finding;
    }

    private Task<RecipientFinding> ShareAsync(CalloutKey key, PolicySnapshot policy, MailPath recipient, ClientKey network)
    {
        CalloutQuestion? question;
        lock (_gate)
        {
            if (_asked.TryGetValue(key, out question))
            {
                question.Join(network, _resources.Places);
                return question.Answer.Task;
            }

            if (_asked.Count >= _resources.Limits.QuestionsMax)
            {
                _log.Trouble(recipient.Domain!.Name, "too many questions at once");
                return Task.FromResult(RecipientFinding.Busy);
            }

            question = new CalloutQuestion(recipient, network);
            _asked.Add(key, question);
        }

        _ = AnswerAsync(key, policy, question);
        return question.Answer.Task;
    }

    private async Task AnswerAsync(CalloutKey key, PolicySnapshot policy, CalloutQuestion question)
    {
        var finding = RecipientFinding.Trouble;
        try
        {
            finding = await FindOutAsync(policy, question).ConfigureAwait(false);
            _answers.Keep(key, finding);
            if (finding == RecipientFinding.Trouble)
            {
                // One address that a next hop hangs on must not take its connections from the others.
                _lostRecipients.Set(key, true, _resources.Limits.RecipientTroubleTime);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node stops; the client hears that it was not found out.
        }
        catch (Exception e)
        {
            _log.Defect(question.Recipient.Domain!.Name, e);
        }
        finally
        {
            lock (_gate)
            {
                _asked.Remove(key);
            }

            question.Answer.SetResult(finding);
        }
    }

    private async Task<RecipientFinding> FindOutAsync(PolicySnapshot policy, CalloutQuestion question)
    {
        var recipient = question.Recipient;
        CalloutSite? site = null;
        using var limit = new CancellationTokenSource(_resources.Limits.AnswerTime, _resources.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _resources.Stopping);
        try
        {
            (site, var failure) = await HopOfAsync(policy, recipient.Domain!, either.Token).ConfigureAwait(false);
            if (site is null)
            {
                return failure;
            }

            var outcome = await site.AskAsync(question, ClaimOf(question, site), either.Token).ConfigureAwait(false);
            return outcome is null ? RecipientFinding.Trouble
                : CalloutSite.IsOurBound(outcome) ? Trouble(site.Name, outcome.Reply.ToString(), RecipientFinding.Busy)
                : CalloutOutcome.Read(outcome) is var finding and not RecipientFinding.Trouble ? finding
                : Trouble(site.Name, outcome.Reply.ToString());
        }
        catch (OperationCanceledException) when (!_resources.Stopping.IsCancellationRequested)
        {
            if (site is null)
            {
                _lostDomains.Set(recipient.Domain!.Name, true, _resources.Limits.TroubleTime);
            }

            return Trouble(site?.Name ?? recipient.Domain!.Name, "no answer in time");
        }
    }

    private PlaceClaim<ClientKey> ClaimOf(CalloutQuestion question, CalloutSite site)
    {
        lock (_gate)
        {
            return question.ClaimAt(site.Name, _resources.Places);
        }
    }

    private RecipientFinding Trouble(string hop, string cause, RecipientFinding finding = RecipientFinding.Trouble)
    {
        _log.Trouble(hop, cause);
        return finding;
    }

    /// <summary>The next hop of a domain, with a question begun; without one what that means, which was told.</summary>
    private async Task<(CalloutSite? Site, RecipientFinding Failure)> HopOfAsync(PolicySnapshot policy, MailDomain domain, CancellationToken within)
    {
        var tls = policy.TlsFor(domain);
        if (policy.FindRoute(domain) is { } route)
        {
            return SiteOf(DestinationKey.ForRoute(route.Target, tls), domain);
        }

        if (_lostDomains.TryGet(domain.Name, out _, out _))
        {
            return (null, RecipientFinding.Trouble);
        }

        var found = await _sites.ResolveAsync(domain, tls, within).ConfigureAwait(false);
        if (found.Site is { } destination)
        {
            return SiteOf(destination, domain);
        }

        _lostDomains.Set(domain.Name, true, _resources.Limits.TroubleTime);
        return (null, Trouble(domain.Name, found.Failure!.Reply.ToString()));
    }

    private (CalloutSite? Site, RecipientFinding Failure) SiteOf(DestinationKey destination, MailDomain domain)
    {
        lock (_gate)
        {
            if (_hops.TryGetValue(destination, out var site))
            {
                return Begin(site);
            }

            if (_hops.Count >= _resources.Limits.HopsMax)
            {
                foreach (var (key, idle) in _hops)
                {
                    if (idle.IsForgettable)
                    {
                        _hops.Remove(key);
                    }
                }
            }

            if (_hops.Count >= _resources.Limits.HopsMax)
            {
                return (null, Trouble(domain.Name, "too many next hops at once", RecipientFinding.Busy));
            }

            site = new CalloutSite(destination, _resources);
            _hops.Add(destination, site);
            return Begin(site);
        }
    }

    private (CalloutSite? Site, RecipientFinding Failure) Begin(CalloutSite site)
    {
        if (site.TryBegin(out var refusal))
        {
            return (site, default);
        }

        return (null, refusal is null ? RecipientFinding.Trouble : Trouble(site.Name, refusal, RecipientFinding.Busy));
    }
}

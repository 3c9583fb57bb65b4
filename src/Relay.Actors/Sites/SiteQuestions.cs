using System.Diagnostics.CodeAnalysis;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Sites;

/// <summary>Who waits for which domain's site, and whose turn it is. Pure.</summary>
/// <typeparam name="TAsker">Whoever gets the answer.</typeparam>
internal sealed class SiteQuestions<TAsker>
{
    private readonly SiteLimits _limits;
    private readonly Dictionary<MailDomain, List<TAsker>> _askers = [];
    private readonly Queue<MailDomain> _waiting = new();
    private int _running;

    public SiteQuestions(SiteLimits limits)
    {
        _limits = limits;
    }

    /// <summary>Notes a question; one for a domain that is asked already waits for the same answer.</summary>
    /// <returns>False when there is no room: it gets no answer from here.</returns>
    public bool TryAdd(MailDomain domain, TAsker asker)
    {
        if (_askers.TryGetValue(domain, out var askers))
        {
            askers.Add(asker);
            return true;
        }

        if (_waiting.Count >= _limits.WaitingMax)
        {
            return false;
        }

        _askers.Add(domain, [asker]);
        _waiting.Enqueue(domain);
        return true;
    }

    /// <summary>The domain that has waited longest, if another look-up may begin; <see cref="Finish"/> must follow for it.</summary>
    public bool TryBegin([NotNullWhen(true)] out MailDomain? domain)
    {
        domain = null;
        if (_running >= _limits.LookupsMax || !_waiting.TryDequeue(out domain))
        {
            return false;
        }

        _running++;
        return true;
    }

    /// <summary>Ends a look-up.</summary>
    /// <returns>Everyone who has asked since, once for each question.</returns>
    public IReadOnlyList<TAsker> Finish(MailDomain domain)
    {
        if (!_askers.Remove(domain, out var askers))
        {
            return [];
        }

        _running--;
        return askers;
    }
}

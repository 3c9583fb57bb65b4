using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Queues;

/// <summary>The domains and sites that the queue has mail for, and which domain is served by which site.</summary>
internal sealed class RoutingTable(int idleLanesMax)
{
    private readonly Dictionary<string, DomainLane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<DestinationKey, SiteBacklog> _sites = [];
    private readonly Queue<DomainLane> _idle = new();
    // Keys of routes, so that a message does not cost their texts anew.
    private readonly Dictionary<(RouteTarget, TlsLevel), DestinationKey> _routeKeys = [];
    private long _routeKeysVersion = -1;

    public IReadOnlyCollection<SiteBacklog> Sites => _sites.Values;

    /// <summary>How the sites are.</summary>
    public SiteTally Tally { get; } = new();

    public IReadOnlyCollection<DomainLane> Lanes => _lanes.Values;

    public SiteBacklog? FindSite(DestinationKey key) => _sites.GetValueOrDefault(key);

    public DomainLane? FindLane(MailDomain domain) => _lanes.GetValueOrDefault(domain.Name);

    public DomainLane LaneOf(MailDomain domain)
    {
        if (!_lanes.TryGetValue(domain.Name, out var lane))
        {
            lane = new DomainLane(domain);
            _lanes.Add(domain.Name, lane);
        }

        return lane;
    }

    /// <summary>The sites that an operator means: one by its name, or the one that serves a domain.</summary>
    public IEnumerable<SiteBacklog> FindByName(string name) =>
        _lanes.TryGetValue(name, out var lane)
            ? lane.Site is { } site ? [site] : []
            : _sites.Values.Where(site => string.Equals(site.Key.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The same; where the queue has had no mail for a domain yet that has a route, that route's site.</summary>
    public IEnumerable<SiteBacklog> FindOrMake(string name, PolicySnapshot policy)
    {
        SiteBacklog[] found = [.. FindByName(name)];
        return found.Length == 0 && MailDomain.TryParse(name, out var domain) && RouteOf(domain, policy) is { } key ? [SiteOf(key)] : found;
    }

    /// <summary>The site of a policy route for the domain, or null: by MX.</summary>
    public DestinationKey? RouteOf(MailDomain domain, PolicySnapshot policy)
    {
        if (policy.FindRoute(domain) is not { } route)
        {
            return null;
        }

        if (_routeKeysVersion != policy.Version)
        {
            _routeKeys.Clear();
            _routeKeysVersion = policy.Version;
        }

        var tls = policy.TlsFor(domain);
        if (!_routeKeys.TryGetValue((route.Target, tls), out var key))
        {
            key = DestinationKey.ForRoute(route.Target, tls);
            _routeKeys.Add((route.Target, tls), key);
        }

        return key;
    }

    /// <summary>The lane is served by this site from now on.</summary>
    public SiteBacklog Attach(DomainLane lane, DestinationKey key)
    {
        if (lane.Site is { } old && old.Key.Equals(key))
        {
            return old;
        }

        Detach(lane);
        var site = SiteOf(key);
        site.Lanes.Add(lane);
        lane.Site = site;
        return site;
    }

    /// <summary>One group fewer belongs to the lane; lanes without any are forgotten when there are many.</summary>
    public void Release(DomainLane lane)
    {
        lane.Groups--;
        if (lane.Groups > 0)
        {
            return;
        }

        lane.Newest = null;
        if (!lane.IsListedIdle)
        {
            lane.IsListedIdle = true;
            _idle.Enqueue(lane);
        }

        while (_idle.Count > idleLanesMax)
        {
            var oldest = _idle.Dequeue();
            oldest.IsListedIdle = false;
            if (oldest.Groups == 0 && !oldest.IsResolving)
            {
                _lanes.Remove(oldest.Domain.Name);
                Detach(oldest);
            }
        }
    }

    /// <summary>Forgets the site if nothing refers to it.</summary>
    public void ForgetIfUnused(SiteBacklog site)
    {
        // A site that was forgotten before may have a successor of the same name: that one stays.
        if (site.IsForgettable && _sites.GetValueOrDefault(site.Key) == site)
        {
            _sites.Remove(site.Key);
            site.Forget();
        }
    }

    /// <summary>No site serves the lane.</summary>
    public void Detach(DomainLane lane)
    {
        if (lane.Site is { } site)
        {
            lane.Site = null;
            site.Lanes.Remove(lane);
            ForgetIfUnused(site);
        }
    }

    private SiteBacklog SiteOf(DestinationKey key)
    {
        if (!_sites.TryGetValue(key, out var site))
        {
            site = new SiteBacklog(key, Tally);
            _sites.Add(key, site);
        }

        return site;
    }
}

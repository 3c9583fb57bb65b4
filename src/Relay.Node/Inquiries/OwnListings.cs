using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Relay.Actors.Metrics;
using Relay.Policy.Documents;

namespace Relay.Node.Inquiries;

/// <summary>Asks the blocklists of the policy about our own public addresses, now and then: who is listed there gets rid of no mail.</summary>
internal sealed class OwnListings : IDisposable
{
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<(string Zone, IPAddress Address), bool> _isListed = new();
    private readonly IReadOnlyList<IPAddress> _addresses;
    private readonly Func<IReadOnlyList<DnsBlocklist>> _blocklists;
    private readonly DnsLists _lists;
    private readonly InquiryLog _log;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer? _timer;

    /// <param name="meters">Makes the meter.</param>
    /// <param name="addresses">Our public addresses; without any nothing is asked.</param>
    /// <param name="blocklists">Reads the blocklists of the policy in force.</param>
    /// <param name="lists">Asks them.</param>
    /// <param name="interval">Between two looks; the first one is at once.</param>
    /// <param name="log">Gets what changes.</param>
    /// <param name="time">The clock.</param>
    public OwnListings(
        MeterScope meters,
        IReadOnlyList<IPAddress> addresses,
        Func<IReadOnlyList<DnsBlocklist>> blocklists,
        DnsLists lists,
        TimeSpan interval,
        InquiryLog log,
        TimeProvider time)
    {
        _addresses = addresses;
        _blocklists = blocklists;
        _lists = lists;
        _log = log;
        _meter = meters.Make();
        _meter.CreateObservableGauge("relay_listed", Measure, description: "Public addresses of this node that a blocklist of the policy lists.");
        if (addresses.Count > 0)
        {
            _timer = time.CreateTimer(static own => _ = ((OwnListings)own!).LookAsync(), this, TimeSpan.Zero, interval);
        }
    }

    /// <summary>Asks all lists about all addresses. A list that does not answer leaves what is known.</summary>
    public async Task LookAsync()
    {
        foreach (var list in _blocklists())
        {
            foreach (var address in _addresses)
            {
                var said = await _lists.LookAsync(list.Zone, address, _ended.Token).ConfigureAwait(false);
                if (said is not null)
                {
                    Note(list, address, [.. said.Answers.Where(list.Answers.Contains)]);
                }
            }
        }
    }

    /// <summary>How many of our addresses each blocklist has that has answered: of one that was never asked, or does not answer, nothing is known.</summary>
    public IEnumerable<(string Zone, int Listed)> Count() => _blocklists()
        .Where(list => _addresses.Any(address => _isListed.ContainsKey((list.Zone.Name, address))))
        .Select(list => (list.Zone.Name, _addresses.Count(address => _isListed.GetValueOrDefault((list.Zone.Name, address)))));

    public void Dispose()
    {
        _timer?.Dispose();
        if (!_ended.IsCancellationRequested)
        {
            _ended.Cancel();
            _ended.Dispose();
        }

        _meter.Dispose();
    }

    private void Note(DnsBlocklist list, IPAddress address, IReadOnlyList<IPAddress> answers)
    {
        var (key, isListed) = ((list.Zone.Name, address), answers.Count > 0);
        var was = _isListed.GetValueOrDefault(key);
        _isListed[key] = isListed;
        if (isListed && !was)
        {
            _log.OwnAddressListed(address, list.Zone.Name, string.Join(", ", answers));
        }
        else if (was && !isListed)
        {
            _log.OwnAddressFree(address, list.Zone.Name);
        }
    }

    private IEnumerable<Measurement<int>> Measure() =>
        Count().Select(static zone => new Measurement<int>(zone.Listed, new KeyValuePair<string, object?>("zone", zone.Zone)));
}

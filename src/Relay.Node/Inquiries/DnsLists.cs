using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Node.Listeners;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Asks the DNS lists (RFC 5782) that a policy names about clients. A list that fails its test, or is silent, says nothing.</summary>
/// <remarks>Every list of the policy in force is tested when it is first heard of, and by a timer. Thread-safe.</remarks>
internal sealed class DnsLists : IDisposable
{
    private readonly ConcurrentDictionary<MailDomain, ListTester> _lists = new();
    private readonly SharedLookups<(MailDomain Zone, IPAddress Client), ListAnswer> _lookups;
    private readonly DnsQuestions _tests;
    private readonly Func<IReadOnlyCollection<MailDomain>> _zones;
    private readonly InquiryLimits _limits;
    private readonly InquiryLog _log;
    private readonly RelayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <param name="dns">Asks name servers about clients.</param>
    /// <param name="tests">Asks them about the lists themselves: no flood of clients takes these questions.</param>
    /// <param name="zones">Reads the zones of the policy in force.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="troubles">Gets questions without an answer.</param>
    /// <param name="log">Gets what changes about lists.</param>
    /// <param name="metrics">Counts hits and trouble.</param>
    /// <param name="time">The clock.</param>
    public DnsLists(
        DnsQuestions dns,
        DnsQuestions tests,
        Func<IReadOnlyCollection<MailDomain>> zones,
        InquiryLimits limits,
        DnsTroubleLog troubles,
        InquiryLog log,
        RelayMetrics metrics,
        TimeProvider time)
    {
        _tests = tests;
        _zones = zones;
        _limits = limits;
        _log = log;
        _metrics = metrics;
        _time = time;
        _lookups = new SharedLookups<(MailDomain Zone, IPAddress Client), ListAnswer>(
            AskServersAsync,
            dns,
            ListAnswer.None,
            (key, cause) => troubles.Add(ReverseName.Of(key.Client, key.Zone.Name), QueryType.A, cause),
            limits.ListTime,
            limits.ListPlaces,
            new TroubleMemory<(MailDomain Zone, IPAddress Client)>(0, TimeSpan.Zero, time), // a list that is silent is tested, and then not asked
            time);
        _timer = time.CreateTimer(static lists => ((DnsLists)lists!).Review(), this, limits.TestInterval, limits.TestInterval);
    }

    /// <summary>Tests every list of the policy in force, and forgets all others.</summary>
    public void Review()
    {
        var zones = _zones().ToHashSet();
        foreach (var (zone, _) in _lists)
        {
            if (!zones.Contains(zone))
            {
                _lists.TryRemove(zone, out _);
            }
        }

        foreach (var zone in zones)
        {
            if (_lists.TryGetValue(zone, out var known))
            {
                _ = known.TestAsync();
            }
            else
            {
                Find(zone);
            }
        }
    }

    /// <summary>Asks a list about a client.</summary>
    /// <param name="zone">The list.</param>
    /// <param name="client">The client.</param>
    /// <param name="gone">Cancelled when the answer is not wanted any more.</param>
    /// <returns>Null when the list is not in use, does not answer in time, or there are too many look-ups.</returns>
    public async Task<DnsListFinding?> AskAsync(MailDomain zone, IPAddress client, CancellationToken gone)
    {
        var finding = await LookAsync(zone, client, gone).ConfigureAwait(false);
        if (finding is { Answers.Count: > 0 })
        {
            _metrics.DnsListHit(zone.Name);
        }

        return finding;
    }

    /// <summary>The same, about an address that is no client's.</summary>
    public async Task<DnsListFinding?> LookAsync(MailDomain zone, IPAddress client, CancellationToken gone)
    {
        var list = Find(zone);
        var standing = list.For(client.AddressFamily);
        if (standing.Result is not (null or ListTestResult.Passed))
        {
            return null;
        }

        var answer = await _lookups.AskAsync((zone, client), ClientKey.OfNetwork(client), zone.Name, gone).ConfigureAwait(false);
        if (gone.IsCancellationRequested)
        {
            return null;
        }

        if (answer.IsTrouble)
        {
            _metrics.DnsListTrouble(zone.Name);
            if (standing.IsSilent(_limits.SilencesMax))
            {
                _ = list.TestAsync();
            }

            return null;
        }

        standing.Answered();
        // The first test began before this question, and has the same time.
        await standing.Tested.ConfigureAwait(false);
        if (answer.Answers.Length > 0)
        {
            // A list that has begun to list everybody would refuse everybody until its next test.
            await list.TestIfOlderAsync(_limits.HitTestTime).ConfigureAwait(false);
        }

        return standing.Result == ListTestResult.Passed ? new DnsListFinding(zone, answer.Answers) : null;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _lookups.Dispose();
    }

    private ListTester Find(MailDomain zone)
    {
        if (_lists.TryGetValue(zone, out var list))
        {
            return list;
        }

        var made = new ListTester(zone, _tests, _log, _limits.ListTime, _time);
        list = _lists.GetOrAdd(zone, made);
        if (list == made)
        {
            _metrics.StartDnsList(zone.Name);
            _ = made.TestAsync();
        }

        return list;
    }

    private static async Task<ListAnswer> AskServersAsync((MailDomain Zone, IPAddress Client) key, IQuestions questions, CancellationToken cancellation)
    {
        var answer = await questions.AskAsync(ReverseName.Of(key.Client, key.Zone.Name), QueryType.A, cancellation).ConfigureAwait(false);
        return answer.Kind == DnsAnswerKind.Trouble ? ListAnswer.None : new ListAnswer(ListTest.AnswersOf(answer));
    }

    /// <summary>What a list said.</summary>
    /// <param name="Answers">Its answers; not set when there was none in time.</param>
    private readonly record struct ListAnswer(ImmutableArray<IPAddress> Answers)
    {
        public static ListAnswer None => default;

        public bool IsTrouble => Answers.IsDefault;
    }
}

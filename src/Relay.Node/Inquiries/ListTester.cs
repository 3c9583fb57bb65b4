using System.Net.Sockets;
using Relay.Node.Dns;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Asks one DNS list about its test addresses, of both families at once, and keeps how it stands. Thread-safe.</summary>
internal sealed class ListTester
{
    private const string IPv4 = "IPv4";
    private const string IPv6 = "IPv6";

    private readonly MailDomain _zone;
    private readonly DnsQuestions _dns;
    private readonly InquiryLog _log;
    private readonly TimeSpan _within;
    private readonly TimeProvider _time;
    private readonly ListStanding _ipv4 = new();
    private readonly ListStanding _ipv6 = new();
    private readonly Lock _lock = new();
    private Task? _test;
    private long _testedAt;

    public ListTester(MailDomain zone, DnsQuestions dns, InquiryLog log, TimeSpan within, TimeProvider time)
    {
        _zone = zone;
        _dns = dns;
        _log = log;
        _within = within;
        _time = time;
    }

    /// <summary>True for a list that is asked about clients of any family.</summary>
    public bool IsInUse => _ipv4.Result == ListTestResult.Passed || _ipv6.Result == ListTestResult.Passed;

    /// <summary>How the list stands with a family.</summary>
    public ListStanding For(AddressFamily family) => family == AddressFamily.InterNetwork ? _ipv4 : _ipv6;

    /// <summary>Tests the list, or waits for the test that is on.</summary>
    public Task TestAsync()
    {
        lock (_lock)
        {
            return _test ??= RunAsync();
        }
    }

    /// <summary>Tests the list, unless its last test is not older than this.</summary>
    public Task TestIfOlderAsync(TimeSpan age)
    {
        lock (_lock)
        {
            return _test is null && _time.GetElapsedTime(_testedAt) <= age ? Task.CompletedTask : TestAsync();
        }
    }

    private async Task RunAsync()
    {
        // Whoever began it remembers it first.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ListTestResult[] results;
        try
        {
            using var limit = new CancellationTokenSource(_within, _time);
            results = await Task.WhenAll(TestAsync(0, limit.Token), TestAsync(1, limit.Token)).ConfigureAwait(false);
        }
        finally
        {
            // Before anybody hears of it: whoever then finds the list silent begins another test.
            lock (_lock)
            {
                (_test, _testedAt) = (null, _time.GetTimestamp());
            }
        }

        Note(_ipv4, results[0], IPv4);
        Note(_ipv6, results[1], IPv6);
    }

    private async Task<ListTestResult> TestAsync(int family, CancellationToken cancellation)
    {
        try
        {
            // Anew: an answer that was kept tells how the list was.
            var answers = await Task.WhenAll(
                _dns.AskAnewAsync(ReverseName.Of(ListTest.Listed[family], _zone.Name), QueryType.A, cancellation),
                _dns.AskAnewAsync(ReverseName.Of(ListTest.NotListed[family], _zone.Name), QueryType.A, cancellation)).ConfigureAwait(false);
            return ListTest.Judge(answers[0], answers[1]);
        }
        catch (OperationCanceledException)
        {
            return ListTestResult.NoAnswer;
        }
    }

    private void Note(ListStanding standing, ListTestResult result, string clients)
    {
        var before = standing.Set(result);
        if (before == result)
        {
            return;
        }

        if (result == ListTestResult.Passed)
        {
            if (before is not null)
            {
                _log.ListUsedAgain(_zone.Name, clients);
            }
        }
        else if (result == ListTestResult.ListsNothing && clients == IPv6)
        {
            // Many lists know IPv4 alone: nothing to worry about.
            _log.ListWithoutIPv6(_zone.Name);
        }
        else
        {
            _log.ListNotUsed(_zone.Name, clients, ReasonOf(result));
        }
    }

    private static string ReasonOf(ListTestResult result) => result switch
    {
        ListTestResult.ListsNothing => "its test address is not listed",
        ListTestResult.ListsEverything => "it lists what no list may, and so everybody",
        ListTestResult.RefusesUs => "it answers that it does not serve our name servers",
        _ => "no answer to its test in time",
    };
}

using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Actors.Metrics;
using Relay.Node.Inquiries;
using Relay.Policy.Documents;
using Relay.TestKit;

namespace Relay.Node.Tests.Inquiries;

/// <summary>Whether blocklists list our own addresses.</summary>
public sealed class OwnListingsTests : IAsyncDisposable
{
    private const string Zone = "list.example";
    private const string Ours = "7.2.0.192.list.example";

    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly InquiryBench _bench = new InquiryBench().List(Zone);
    private readonly ILoggerFactory _loggers;
    private readonly OwnListings _own;
    private DnsBlocklist[] _lists = [];

    public OwnListingsTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_bench.Log));
        _own = new OwnListings(new MeterScope(), [Address], () => _lists, _bench.Inquirer.Lists, Hour, new InquiryLog(_loggers.CreateLogger<InquiryLog>(), _bench.Time), _bench.Time);
    }

    [Fact]
    public async Task A_listing_is_told_when_it_comes_and_when_it_goes()
    {
        _lists = [List(Zone)];
        await LookAsync((Zone, 0));

        _bench.Dns.Addresses(Ours, "127.0.0.2");
        await LookAsync((Zone, 1));
        await _bench.LoggedAsync($"Warning listed own-address=192.0.2.7 zone={Zone} answers=\"127.0.0.2\"");

        // An answer that the policy does not name is none.
        _bench.Dns.Addresses(Ours, "127.0.0.10");
        await LookAsync((Zone, 0));
        Assert.Single(_bench.Log.Lines);
    }

    [Fact]
    public async Task Of_a_list_that_was_not_asked_or_does_not_answer_nothing_is_said()
    {
        _lists = [List(Zone), List("other.example")];
        Assert.Empty(_own.Count());
        // The other one does not pass its test.
        await LookAsync((Zone, 0));
    }

    public async ValueTask DisposeAsync()
    {
        _own.Dispose();
        _loggers.Dispose();
        await _bench.DisposeAsync();
    }

    // By its own timer: a look of ours beside it would be another one at the same time.
    private Task LookAsync(params (string Zone, int Listed)[] found)
    {
        _bench.Time.Advance(Hour);
        return Eventually.TrueAsync(() => _own.Count().SequenceEqual(found), () => string.Join(' ', _own.Count()));
    }

    private static DnsBlocklist List(string zone) => new(InquiryBench.Domain(zone), [IPAddress.Parse("127.0.0.2")], DnsBlocklistAction.Reject);
}

using System.Net;
using Relay.Actors.Metrics;
using Relay.Node.Dns;
using Relay.Node.Settings;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;

namespace Relay.Node.Inquiries;

/// <summary>Asks DNS what a policy wants to know of clients and senders before it decides. One for a node; thread-safe.</summary>
/// <remarks>
/// It has questions, answers and lines in the log of its own, apart from those of deliveries: strangers choose what is asked here. Each kind of
/// question has places of its own: whoever's name servers are slow on purpose keeps no list from answering.
/// </remarks>
internal sealed class Inquirer : IDisposable
{
    private readonly DnsQuestions _ofNames;
    private readonly DnsQuestions _ofLists;
    private readonly DnsQuestions _ofListTests;
    private readonly DnsQuestions _ofSenders;
    private readonly InquiryLog _log;
    private readonly TimeSpan _tarpitTime;
    private readonly TimeProvider _time;

    /// <summary>Asks the name servers of the settings.</summary>
    /// <param name="dns">The name servers.</param>
    /// <param name="zones">Reads the zones of the lists of the policy in force.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="metrics">Counts hits and trouble.</param>
    /// <param name="loggers">Gets trouble, and what changes about lists.</param>
    /// <param name="time">The clock.</param>
    public Inquirer(
        DnsSection dns, Func<IReadOnlyCollection<MailDomain>> zones, InquiryLimits limits, RelayMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    {
        _tarpitTime = limits.TarpitTime;
        _log = new InquiryLog(loggers.CreateLogger<InquiryLog>(), time);
        _time = time;
        var troubles = new DnsTroubleLog(loggers.CreateLogger<DnsTroubleLog>(), time);
        var servers = NameServers.Of(dns, limits.ServerTime, limits.RepetitionsMax, time, troubles);
        _ofNames = new DnsQuestions(servers, troubles, time, InquiryLimits.NameQuestionsMax);
        _ofLists = new DnsQuestions(servers, troubles, time, InquiryLimits.ListQuestionsMax);
        _ofListTests = new DnsQuestions(servers, troubles, time, InquiryLimits.TestQuestionsMax);
        _ofSenders = new DnsQuestions(servers, troubles, time, InquiryLimits.SenderQuestionsMax);
        Lists = new DnsLists(_ofLists, _ofListTests, zones, limits, troubles, _log, metrics, time);
        Names = new ClientNames(_ofNames, limits, troubles, metrics, time);
        Senders = new SenderDomains(_ofSenders, limits, troubles, metrics, time);
    }

    /// <summary>Asks DNS lists.</summary>
    public DnsLists Lists { get; }

    /// <summary>What lists say of this node's own addresses, asked from now on.</summary>
    /// <param name="meters">Makes its meter.</param>
    /// <param name="addresses">Its public addresses.</param>
    /// <param name="blocklists">Reads the blocklists of the policy in force.</param>
    public OwnListings Watch(MeterScope meters, IReadOnlyList<IPAddress> addresses, Func<IReadOnlyList<DnsBlocklist>> blocklists) =>
        new(meters, addresses, blocklists, Lists, InquiryLimits.OwnInterval, _log, _time);

    /// <summary>Asks for clients' names.</summary>
    public ClientNames Names { get; }

    /// <summary>Asks about senders' domains.</summary>
    public SenderDomains Senders { get; }

    /// <summary>Begins a client's conversation: nothing is asked yet.</summary>
    /// <param name="client">Its address, IPv4-mapped forms as IPv4.</param>
    public ClientInquiry About(IPAddress client) => new(this, client);

    /// <summary>The same, with what lists want done with the client.</summary>
    /// <param name="client">Its address, IPv4-mapped forms as IPv4.</param>
    public MailInquiry ForMailsOf(IPAddress client) => new(About(client), new ListedClient(_log, _tarpitTime, _time));

    public void Dispose()
    {
        Lists.Dispose();
        Names.Dispose();
        Senders.Dispose();
        _ofNames.Dispose();
        _ofLists.Dispose();
        _ofListTests.Dispose();
        _ofSenders.Dispose();
    }
}

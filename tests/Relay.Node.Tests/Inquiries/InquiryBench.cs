using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Relay.Actors.Metrics;
using Relay.Node.Inquiries;
using Relay.Node.Settings;
using Relay.Node.Tests.Cluster;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.TestKit;
using Relay.TestKit.Dns;

namespace Relay.Node.Tests.Inquiries;

/// <summary>A stub name server and an inquirer that asks it, on a clock that stands still.</summary>
internal sealed class InquiryBench : IAsyncDisposable
{
    private readonly RelayMetrics _metrics = new(new MeterScope(), () => 0, () => 0, () => 1, () => 0, () => 0);
    private readonly ILoggerFactory _loggers;

    public InquiryBench(InquiryLimits? limits = null)
    {
        // A name server is waited for by the stopped clock alone, and asked once.
        Limits = (limits ?? new InquiryLimits()) with { ServerTime = TimeSpan.FromMinutes(2), RepetitionsMax = 0 };
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(Log));
        Inquirer = new Inquirer(new DnsSection { Servers = [Dns.EndPoint] }, () => Zones, Limits, _metrics, _loggers, Time);
    }

    public InquiryLimits Limits { get; }

    public StubNameServer Dns { get; } = StubNameServer.Start();

    public FakeTimeProvider Time { get; } = new();

    public CapturedLog Log { get; } = new();

    public Inquirer Inquirer { get; }

    /// <summary>The zones of the policy in force.</summary>
    public MailDomain[] Zones { get; set; } = [];

    /// <summary>Sets up a list that passes its tests for both families.</summary>
    public InquiryBench List(string zone)
    {
        Dns.Addresses($"2.0.0.127.{zone}", "127.0.0.2").Addresses(ReverseName.Of(ListTest.Listed[1], zone), "127.0.0.2");
        return this;
    }

    /// <summary>Asks a list about a client.</summary>
    public Task<DnsListFinding?> ListAsync(string zone, string client) => Inquirer.Lists.AskAsync(Domain(zone), IPAddress.Parse(client), CancellationToken.None);

    /// <summary>Asks for a client's name.</summary>
    public Task<HostNameFinding> NameAsync(string client, CancellationToken gone = default) => Inquirer.Names.AskAsync(IPAddress.Parse(client), gone);

    /// <summary>Asks about a sender's domain.</summary>
    public Task<SenderDomainFinding> SenderAsync(string domain, string client = "192.0.2.7") =>
        Inquirer.Senders.AskAsync(Domain(domain), IPAddress.Parse(client), CancellationToken.None);

    /// <summary>Gives the address of a client no answer about its name.</summary>
    /// <returns>The question that is not answered.</returns>
    public string Silent(string client)
    {
        var name = ReverseName.PointersOf(IPAddress.Parse(client));
        Dns.Set(name, DnsType.Any, DnsReply.Silence);
        return $"{name} PTR";
    }

    /// <summary>Gives a client a name that leads back to it.</summary>
    public InquiryBench Named(string client, string name)
    {
        var pointers = ReverseName.PointersOf(IPAddress.Parse(client));
        Dns.Set(pointers, DnsType.ReverseName, DnsReply.Of(DnsRecord.HostName(pointers, name))).Addresses(name, client);
        return this;
    }

    /// <summary>Waits until a line is in the log.</summary>
    public Task LoggedAsync(string line) =>
        Eventually.TrueAsync(() => Log.Lines.Contains(line), () => $"No line \"{line}\" in:\n{string.Join('\n', Log.Lines)}", seconds: 60);

    public static MailDomain Domain(string text)
    {
        Assert.True(MailDomain.TryParse(text, out var domain));
        return domain;
    }

    public async ValueTask DisposeAsync()
    {
        Inquirer.Dispose();
        _metrics.Dispose();
        _loggers.Dispose();
        await Dns.DisposeAsync();
    }
}

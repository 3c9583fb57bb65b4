using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Relay.Flood.Sink;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Inquiries;
using Relay.Node.Listeners;
using Relay.Node.Outbound;
using Relay.Node.Pressure;
using Relay.Node.Settings;
using Relay.Node.Tests.Pressure;
using Relay.Spool.Disks;
using Relay.TestKit;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A whole node in the test's process, on free ports and a folder of its own; the folder survives <see cref="RestartAsync"/>.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly string _policy;
    private readonly ConnectionTimes? _times;
    private readonly IDisk? _disk;
    private readonly long _quotaBytes;
    private readonly TimeSpan? _drainTime;
    private (IPEndPoint Dns, int Port)? _exchangers;
    private Action<IServiceCollection>? _replace;
    private Func<NodeSettings, NodeSettings> _configure = static settings => settings;
    private InquiryLimits? _inquiries;
    private WebApplication? _app;

    private RunningNode(string policy, ConnectionTimes? times, IDisk? disk, long quotaBytes, TimeSpan? drainTime)
    {
        _drainTime = drainTime;
        _policy = policy;
        _times = times;
        _disk = disk;
        _quotaBytes = quotaBytes;
    }

    public IPEndPoint Smtp { get; private set; } = null!;

    /// <summary>Where its listeners are, in the order of the settings; <see cref="Smtp"/> is the first.</summary>
    public IReadOnlyList<IPEndPoint> Listeners { get; private set; } = [];

    public HttpClient Api { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Where the policy's file is.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("relay-node-").FullName;

    public string DataDirectory => Path.Combine(Folder, "data");

    /// <summary>Starts a node that relays for loopback clients and routes everything to a sink.</summary>
    public static Task<RunningNode> StartAsync(SmtpSink sink, string retry = "1s", ConnectionTimes? times = null) =>
        StartAsync(PolicyTo(sink.BoundEndPoint, retry), times);

    /// <summary>Starts a node with a policy.</summary>
    public static async Task<RunningNode> StartAsync(
        string policy, ConnectionTimes? times = null, IDisk? disk = null, long quotaBytes = 256L << 20, TimeSpan? drainTime = null)
    {
        var node = new RunningNode(policy, times, disk, quotaBytes, drainTime);
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts a node that finds next hops by DNS.</summary>
    /// <param name="policy">Its policy.</param>
    /// <param name="dns">The name server.</param>
    /// <param name="port">The port that every mail exchanger has.</param>
    /// <param name="inquiries">The bounds of questions about clients and senders.</param>
    public static async Task<RunningNode> StartAsync(string policy, IPEndPoint dns, int port, InquiryLimits? inquiries = null)
    {
        var node = new RunningNode(policy, null, null, 256L << 20, null) { _exchangers = (dns, port), _inquiries = inquiries };
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts a node with settings of the test's.</summary>
    /// <param name="policy">Its policy.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <param name="times">The time limits of its connections.</param>
    /// <param name="replace">Replaces its services.</param>
    public static async Task<RunningNode> StartAsync(
        string policy, Func<NodeSettings, NodeSettings> configure, ConnectionTimes? times = null, Action<IServiceCollection>? replace = null)
    {
        var node = new RunningNode(policy, times, null, 256L << 20, null) { _configure = configure, _replace = replace };
        await node.StartAsync();
        return node;
    }

    /// <summary>The policy of <see cref="StartAsync(SmtpSink, string, ConnectionTimes)"/>.</summary>
    public static string PolicyTo(IPEndPoint nextHop, string retry = "1s") =>
        $$"""
        {
          "acceptedDomains": ["relay.example"],
          "relay": { "networks": ["127.0.0.0/8"] },
          "routes": [ { "domain": "*", "to": "smtp://{{nextHop}}" } ],
          "delivery": { "retry": "{{retry}}" }
        }
        """;

    /// <summary>Waits until a message of the queue is as the condition says.</summary>
    public async Task<QueuedMessage> QueuedAsync(Predicate<QueuedMessage> condition)
    {
        QueuedMessage? found = null;
        await Eventually.TrueAsync(
            async () => (found = (await Api.GetFromJsonAsync<QueueAnswer>("/api/queue"))!.Messages.FirstOrDefault(message => condition(message))) is not null,
            seconds: 60);
        return found!;
    }

    /// <summary>Waits until the queue's summary is as the condition says.</summary>
    public async Task<SummaryAnswer> SummaryAsync(Predicate<SummaryAnswer> condition)
    {
        SummaryAnswer? summary = null;
        await Eventually.TrueAsync(
            async () => condition((summary = await Api.GetFromJsonAsync<SummaryAnswer>("/api/queue/summary"))!), () => $"{summary}", seconds: 120);
        return summary!;
    }

    /// <summary>Waits until the queue holds nothing.</summary>
    public Task EmptyAsync() =>
        Eventually.TrueAsync(async () => (await Api.GetFromJsonAsync<QueueAnswer>("/api/queue"))!.Total == 0, seconds: 60);

    /// <summary>Stops the node in order and starts another on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Stops the node in order.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            Api.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartAsync()
    {
        var policyFile = Path.Combine(Folder, "policy.json");
        await File.WriteAllTextAsync(policyFile, _policy);
        var settings = new NodeSettings
        {
            Node = new NodeSection
            {
                Name = "test",
                HostName = "mx.relay.example",
                DataDirectory = DataDirectory,
                DrainTime = _drainTime ?? new NodeSection().DrainTime,
            },
            Listeners = [new ListenerSettings { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
            Admin = new AdminSection { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            Spool = new SpoolSection { QuotaBytes = _quotaBytes },
            Dns = new DnsSection { Servers = _exchangers is { } by ? [by.Dns] : [] },
            PolicyFile = policyFile,
        };
        _app = await RelayNode.BuildAsync(_configure(settings), services =>
        {
            services.Replace(ServiceDescriptor.Singleton<IPressureProbes>(new SetProbes(TimeProvider.System)));
            _replace?.Invoke(services);
            if (_times is { } times)
            {
                services.Replace(ServiceDescriptor.Singleton(times));
            }

            if (_exchangers is { } exchangers)
            {
                services.Replace(ServiceDescriptor.Singleton(new MailExchangerPort(exchangers.Port)));
            }

            if (_inquiries is { } inquiries)
            {
                services.Replace(ServiceDescriptor.Singleton(inquiries));
            }

            if (_disk is { } disk)
            {
                services.Replace(ServiceDescriptor.Singleton(disk));
            }
        });
        await _app.StartAsync();
        var urls = _app.Urls.Select(url => new Uri(url)).ToArray();
        Listeners = [.. urls[..^1].Select(url => new IPEndPoint(IPAddress.Loopback, url.Port))];
        Smtp = Listeners.Count > 0 ? Listeners[0] : null!;
        Api = new HttpClient { BaseAddress = urls[^1] };
        var token = (await File.ReadAllTextAsync(Path.Combine(DataDirectory, "admin.token"))).Trim();
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }
}

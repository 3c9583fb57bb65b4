using Relay.Node.Tests.Crash;
using static Relay.Node.Tests.Interop.TwoNetworks;

namespace Relay.Node.Tests.Interop;

/// <summary>A right to relay that comes with a listener is had over the listener's device only, whatever address a packet names.</summary>
[Trait("Category", "Interop")]
public sealed class DeviceTests : IDisposable
{
    private const int NoConnection = 2;
    private const int Refused = 24;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-device-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [InteropFact("ip", "swaks", NeedsRoot = true)]
    public async Task Who_comes_over_another_device_gets_no_connection()
    {
        await using var networks = await MakeAsync();
        await using var relay = await StartAsync(networks, $$"""{ "Name": "internal", "Address": "{{InnerAddress}}:25", "Device": "{{InnerDevice}}" }""");

        await AssertAsync(0, networks.Inner);
        await AssertAsync(NoConnection, networks.Outer);
        // To Linux a program of the machine itself comes over the device whose address it names.
        await AssertAsync(0, networks.Host);
        Assert.DoesNotContain("relay.listeners[0]", await EndAsync(relay), StringComparison.Ordinal);
    }

    [InteropFact("ip", "swaks", NeedsRoot = true)]
    public async Task Listeners_of_two_devices_share_an_address_and_only_one_has_the_right()
    {
        await using var networks = await MakeAsync();
        await using var relay = await StartAsync(
            networks,
            $$"""
            { "Name": "internal", "Address": "0.0.0.0:25", "Device": "{{InnerDevice}}" },
            { "Name": "public", "Address": "0.0.0.0:25", "Device": "{{OuterDevice}}" }
            """);

        await AssertAsync(0, networks.Inner);
        await AssertAsync(Refused, networks.Outer, "550 5.7.1");
    }

    [InteropFact("ip", "swaks", NeedsRoot = true)]
    public async Task A_listener_on_any_IPv6_address_keeps_to_its_device_for_IPv4_too()
    {
        await using var networks = await MakeAsync();
        await using var relay = await StartAsync(networks, $$"""{ "Name": "internal", "Address": "[::]:25", "Device": "{{InnerDevice}}" }""");

        await AssertAsync(0, networks.Inner);
        await AssertAsync(NoConnection, networks.Outer);
    }

    // What Device is for: without this result the ones above would prove nothing.
    [InteropFact("ip", "swaks", NeedsRoot = true)]
    public async Task Without_a_device_an_inner_address_is_reached_from_outside_and_the_start_warns_of_it()
    {
        await using var networks = await MakeAsync();
        await using var relay = await StartAsync(networks, $$"""{ "Name": "internal", "Address": "{{InnerAddress}}:25" }""");

        await AssertAsync(0, networks.Outer);
        Assert.Contains(
            $"policy.json:1: relay.listeners[0]: whoever reaches {InnerAddress}:25 may relay, over any device: name the right one as Device of listener \"internal\"",
            await EndAsync(relay),
            StringComparison.Ordinal);
    }

    private static async Task AssertAsync(int expected, string from, string says = "")
    {
        var (code, output) = await TryRelayAsync(from, InnerAddress);
        Assert.True(code == expected, $"{from}: {code} instead of {expected}\n{output}");
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    private static async Task<string> EndAsync(RelayProcess relay)
    {
        Assert.Equal(0, await relay.TerminateAsync());
        return relay.Output;
    }

    private async Task<RelayProcess> StartAsync(TwoNetworks networks, string listeners)
    {
        var policy = Path.Combine(_folder, "policy.json");
        await File.WriteAllTextAsync(policy, """{ "acceptedDomains": ["relay.example"], "relay": { "listeners": ["internal"] } }""");
        var settings = Path.Combine(_folder, "relay.json");
        await File.WriteAllTextAsync(
            settings,
            $$"""
            {
              "Node": { "HostName": "mx.relay.example", "DataDirectory": "data" },
              "Listeners": [ {{listeners}} ],
              "Admin": { "Address": "127.0.0.1:0" },
              "Dns": { "Servers": ["127.0.0.1:53"] },
              "PolicyFile": "policy.json"
            }
            """);
        return await RelayProcess.StartInAsync(networks.Host, "run", "--config", settings);
    }
}

using System.Globalization;
using System.Net;

namespace Relay.Node.Tests.Interop;

/// <summary>A host between two networks, each with one machine: three network namespaces of their own, joined by two devices of the host.</summary>
/// <remarks>The outer machine has a route to the inner network through the host. Nothing of the real machine's network is touched.</remarks>
internal sealed class TwoNetworks : IAsyncDisposable
{
    /// <summary>The host's device on the inner network.</summary>
    public const string InnerDevice = "in0";

    /// <summary>The host's device on the outer network.</summary>
    public const string OuterDevice = "out0";

    private static int _count;

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"relay-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    private TwoNetworks()
    {
    }

    /// <summary>The namespace that the relay runs in.</summary>
    public string Host => _prefix + "-host";

    /// <summary>The namespace of the machine on the inner network.</summary>
    public string Inner => _prefix + "-in";

    /// <summary>The namespace of the machine on the outer network.</summary>
    public string Outer => _prefix + "-out";

    /// <summary>The host's address on the inner network.</summary>
    public static IPAddress InnerAddress { get; } = IPAddress.Parse("10.99.1.1");

    public static async Task<TwoNetworks> MakeAsync()
    {
        var networks = new TwoNetworks();
        try
        {
            foreach (var name in (string[])[networks.Host, networks.Inner, networks.Outer])
            {
                await IpAsync("netns", "add", name);
                await IpAsync("-n", name, "link", "set", "lo", "up");
            }

            await networks.JoinAsync(InnerDevice, networks.Inner, "10.99.1");
            await networks.JoinAsync(OuterDevice, networks.Outer, "10.99.2");
            await IpAsync("-n", networks.Outer, "route", "add", "10.99.1.0/24", "via", "10.99.2.1");
            return networks;
        }
        catch
        {
            await networks.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tries to have mail relayed from a namespace, up to RCPT.</summary>
    /// <returns>The exit code of swaks, which is 0, 2 without a connection, and 24 when the recipient was refused; and what it printed.</returns>
    public static Task<(int ExitCode, string Output)> TryRelayAsync(string from, IPAddress to) => ForeignProgram.RunAsync(
        "ip", "netns", "exec", from, "swaks", "--server", to.ToString(), "--port", "25", "--timeout", "20",
        "--helo", "client.example", "--from", "a@b.example", "--to", "n@victim.example", "--quit-after", "RCPT");

    // Its devices go with a namespace.
    public async ValueTask DisposeAsync()
    {
        foreach (var name in (string[])[Host, Inner, Outer])
        {
            await ForeignProgram.RunAsync("ip", "netns", "del", name);
        }
    }

    private async Task JoinAsync(string device, string machine, string network)
    {
        await IpAsync("-n", Host, "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", machine);
        await IpAsync("-n", Host, "addr", "add", network + ".1/24", "dev", device);
        await IpAsync("-n", machine, "addr", "add", network + ".2/24", "dev", "eth0");
        await IpAsync("-n", Host, "link", "set", device, "up");
        await IpAsync("-n", machine, "link", "set", "eth0", "up");
    }

    private static async Task IpAsync(params string[] arguments)
    {
        var (code, output) = await ForeignProgram.RunAsync("ip", arguments);
        Assert.True(code == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }
}

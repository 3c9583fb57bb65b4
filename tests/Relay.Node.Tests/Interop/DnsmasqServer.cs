using System.Globalization;
using System.Net;
using Relay.TestKit;

namespace Relay.Node.Tests.Interop;

/// <summary>A name server of its own for the zone <c>example</c>; it refuses every other.</summary>
internal sealed class DnsmasqServer : IAsyncDisposable
{
    private readonly ServerFolder _folder;
    private readonly ForeignProgram _program;

    private DnsmasqServer(ServerFolder folder, ForeignProgram program, IPEndPoint endPoint)
    {
        _folder = folder;
        _program = program;
        EndPoint = endPoint;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Starts one.</summary>
    /// <param name="records">Lines of its configuration: <c>mx-host=domain,host,preference</c>, <c>host-record=host,address</c>, <c>cname=alias,name</c>.</param>
    public static async Task<DnsmasqServer> StartAsync(params string[] records)
    {
        var folder = new ServerFolder("dnsmasq");
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        await folder.WriteAsync(
            "zones.conf",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                port={endPoint.Port}
                listen-address={endPoint.Address}
                bind-interfaces
                no-resolv
                no-hosts
                no-daemon
                pid-file
                user=root
                local=/example/
                local-ttl=120
                {string.Join('\n', records)}

                """));
        var program = ForeignProgram.Start("dnsmasq", $"--conf-file={folder["zones.conf"]}");
        await program.UntilListeningAsync(endPoint);
        return new DnsmasqServer(folder, program, endPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}

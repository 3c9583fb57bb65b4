using System.Net;
using System.Net.NetworkInformation;

namespace Relay.Node.Dns;

/// <summary>The name servers that the machine is set up to use.</summary>
internal static class SystemResolvers
{
    private const int Port = 53;

    /// <summary>Reads them: on Unix the lines <c>nameserver</c> of /etc/resolv.conf, in their order; where there are none, this machine (resolv.conf(5)).</summary>
    public static IReadOnlyList<IPEndPoint> Read()
    {
        IPEndPoint[] servers = [.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static network => network.GetIPProperties().DnsAddresses)
            .Where(static address => !address.IsIPv6SiteLocal) // where Windows looks when nobody has told it anything
            .Distinct()
            .Select(static address => new IPEndPoint(address, Port))];
        return servers.Length > 0 ? servers : [new IPEndPoint(IPAddress.Loopback, Port)];
    }
}

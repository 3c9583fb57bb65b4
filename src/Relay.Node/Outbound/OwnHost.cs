using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Relay.Node.Dns;

namespace Relay.Node.Outbound;

/// <summary>Tells whether a mail exchanger is this node: by its name, because something of the node listens at its address, or because it is
/// a host of the cluster. No policy makes a stranger's DNS lead mail there.</summary>
internal sealed class OwnHost
{
    /// <summary>The machine's addresses are read again after this. Default 1 minute.</summary>
    public static readonly TimeSpan RefreshTime = TimeSpan.FromMinutes(1);

    private readonly string _hostName;
    private readonly HashSet<IPAddress> _addresses;
    private readonly HashSet<IPAddress> _cluster;
    private readonly bool _anyIPv4;
    private readonly bool _anyIPv6;
    private readonly Func<IReadOnlyCollection<IPAddress>> _readMachine;
    private readonly TimedCache<int, HashSet<IPAddress>> _machine;

    /// <summary>Knows where the node and its cluster are.</summary>
    /// <param name="hostName">What the node calls itself.</param>
    /// <param name="listeners">Where it listens, for whatever.</param>
    /// <param name="cluster">Where the nodes of its cluster meet, itself included: such a host is ours whatever the port. Loopback is anyone's.</param>
    /// <param name="port">The port of mail exchangers: listeners on others do not count.</param>
    /// <param name="readMachine">Reads the addresses of the machine.</param>
    /// <param name="time">The clock.</param>
    public OwnHost(
        string hostName,
        IEnumerable<IPEndPoint> listeners,
        IEnumerable<IPEndPoint> cluster,
        int port,
        Func<IReadOnlyCollection<IPAddress>> readMachine,
        TimeProvider time)
    {
        _hostName = hostName;
        _addresses = [.. listeners.Where(listener => listener.Port == port).Select(static listener => Plain(listener.Address))];
        _cluster = [.. cluster.Select(static node => Plain(node.Address)).Where(static address => !IPAddress.IsLoopback(address))];
        _anyIPv6 = _addresses.Contains(IPAddress.IPv6Any);
        // A listener on [::] takes IPv4 too.
        _anyIPv4 = _anyIPv6 || _addresses.Contains(IPAddress.Any);
        _readMachine = readMachine;
        _machine = new TimedCache<int, HashSet<IPAddress>>(1, time);
    }

    /// <summary>True for the node's own name.</summary>
    public bool IsUs(string host) => string.Equals(host, _hostName, StringComparison.OrdinalIgnoreCase);

    /// <summary>True for an address where something of this node would answer, and for the hosts of its cluster.</summary>
    public bool IsUs(IPAddress address)
    {
        if (_addresses.Contains(address) || _cluster.Contains(address))
        {
            return true;
        }

        var any = address.AddressFamily == AddressFamily.InterNetwork ? _anyIPv4 : _anyIPv6;
        return any && (IPAddress.IsLoopback(address) || Machine().Contains(address));
    }

    /// <summary>The addresses of this machine's network interfaces.</summary>
    public static IReadOnlyCollection<IPAddress> ReadMachine()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static device => device.GetIPProperties().UnicastAddresses)
                .Select(static unicast => Plain(unicast.Address))];
        }
        catch (NetworkInformationException)
        {
            // Loops are then known by the names of hosts, and in the end by the number of Received fields.
            return [];
        }
    }

    private HashSet<IPAddress> Machine()
    {
        if (!_machine.TryGet(0, out var addresses, out _))
        {
            addresses = [.. _readMachine()];
            _machine.Set(0, addresses, RefreshTime);
        }

        return addresses;
    }

    // Without the scope that IPv6 addresses of interfaces carry; DNS knows none.
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
}

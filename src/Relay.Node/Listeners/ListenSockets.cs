using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Listeners;

/// <summary>Makes the sockets that Kestrel listens on; those of a listener with a <c>Device</c> get nothing that came in over another one.</summary>
/// <remarks>
/// Linux takes a packet to any of its addresses over any of its devices: a listener on an internal address is reached from outside by whoever
/// has a route to it. The socket is bound to the device before it is bound to its address, so that two devices may share one.
/// </remarks>
internal sealed class DeviceSockets
{
    // Of Linux, for which .NET has no names.
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;
    private const int NotPermitted = 1;

    private readonly IReadOnlyList<ListenerSettings> _listeners;

    public DeviceSockets(IReadOnlyList<ListenerSettings> listeners)
    {
        _listeners = listeners;
    }

    /// <summary>A socket that is bound to the endpoint, and to the device of the listener whose address it is.</summary>
    /// <exception cref="IOException">There is no such device, or it may not be had; the message names the setting.</exception>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public Socket Bind(EndPoint endPoint)
    {
        // By identity: two addresses with port 0 are equal, and each has a device of its own.
        foreach (var listener in _listeners)
        {
            if (ReferenceEquals(listener.Address, endPoint) && listener.Device is { } device)
            {
                return Bind(listener.Address, device, listener.DeviceSetting);
            }
        }

        return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
    }

    private static Socket Bind(IPEndPoint address, string device, string setting)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new IOException($"{setting}: a listener is bound to a device on Linux only");
        }

        var devices = NetworkInterface.GetAllNetworkInterfaces().Select(static found => found.Name).ToArray();
        if (!devices.Contains(device, StringComparer.Ordinal))
        {
            var hint = NearestKey.Hint(device, devices, $"there are {string.Join(", ", devices)}");
            throw new IOException($"{setting}: {ShownText.Quote(device)} is no network device of this machine; {hint}");
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true; // as Kestrel's own sockets: IPv4 clients too
            }

            SetDevice(socket, device, setting);
            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetDevice(Socket socket, string device, string setting)
    {
        try
        {
            socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.UTF8.GetBytes(device + '\0'));
        }
        catch (SocketException e)
        {
            var cause = e.NativeErrorCode == NotPermitted ? "the capability CAP_NET_RAW is needed, before Linux 5.7" : e.Message;
            throw new IOException($"{setting}: a socket cannot be bound to {ShownText.Quote(device)}: {cause}", e);
        }
    }
}

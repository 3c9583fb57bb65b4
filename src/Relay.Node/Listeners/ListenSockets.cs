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
internal sealed class ListenSockets
{
    // Of Linux, for which .NET has no names.
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;
    private const int NotPermitted = 1;

    private readonly NodeSettings _settings;

    public ListenSockets(NodeSettings settings)
    {
        _settings = settings;
    }

    /// <summary>A socket that is bound to the endpoint, and to the device of the listener whose address it is.</summary>
    /// <exception cref="SettingsException">There is no such device, or it or the address may not be had.</exception>
    public Socket Bind(EndPoint endPoint)
    {
        // By identity: two addresses with port 0 are equal, and each has a device of its own.
        var listener = _settings.Listeners.FirstOrDefault(listener => ReferenceEquals(listener.Address, endPoint));
        try
        {
            return listener is { Device: { } device }
                ? Bind(listener.Address, device, listener.DevicePlace)
                : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (SocketException e)
        {
            throw (listener?.AddressPlace ?? _settings.Admin.AddressPlace).Refuse($"cannot listen on {endPoint}: {Describe(e)}");
        }
    }

    private static string Describe(SocketException problem) => problem.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program does already",
        SocketError.AddressNotAvailable => "it is no address of this machine",
        SocketError.AccessDenied => "this user may not: for a port below 1024 give the process CAP_NET_BIND_SERVICE",
        _ => ShownText.Clean(problem.Message),
    };

    private static Socket Bind(IPEndPoint address, string device, SettingPlace setting)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw setting.Refuse("a listener is bound to a device on Linux only");
        }

        var devices = NetworkInterface.GetAllNetworkInterfaces().Select(static found => found.Name).ToArray();
        if (!devices.Contains(device, StringComparer.Ordinal))
        {
            var hint = NearestKey.Hint(device, devices, $"there are {string.Join(", ", devices)}");
            throw setting.Refuse($"{ShownText.Quote(device)} is no network device of this machine; {hint}");
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

    private static void SetDevice(Socket socket, string device, SettingPlace setting)
    {
        try
        {
            socket.SetRawSocketOption(SocketLevel, BindToDevice, Encoding.UTF8.GetBytes(device + '\0'));
        }
        catch (SocketException e)
        {
            var cause = e.NativeErrorCode == NotPermitted ? "the capability CAP_NET_RAW is needed, before Linux 5.7" : e.Message;
            throw setting.Refuse($"a socket cannot be bound to {ShownText.Quote(device)}: {cause}");
        }
    }
}

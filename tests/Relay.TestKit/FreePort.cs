using System.Net;
using System.Net.Sockets;

namespace Relay.TestKit;

/// <summary>A port that was free a moment ago, for programs that must be told theirs or must get the same one again.</summary>
public static class FreePort
{
    /// <summary>Takes one on loopback and lets it go.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

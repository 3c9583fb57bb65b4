using System.Net;
using System.Net.Sockets;

namespace Relay.TestKit;

/// <summary>A port that was free a moment ago, for programs that must be told theirs or must get the same one again.</summary>
/// <remarks>Below those that systems give to outgoing connections: one of these could take it before the program does.</remarks>
public static class FreePort
{
    private const int First = 15_000;
    private const int Count = 17_000;

    // Programs of several test runs begin at different ones.
    private static int _last = Random.Shared.Next(Count);

    /// <summary>Takes one on loopback and lets it go. Not the same twice, until all have been tried.</summary>
    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + ((int)((uint)Interlocked.Increment(ref _last) % Count));
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"no port from {First} to {First + Count - 1} is free");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}

using System.Net.Sockets;
using Relay.Actors.Deliveries;

namespace Relay.Node.Outbound;

/// <summary>Opens TCP connections to next hops.</summary>
internal sealed class TcpConnector : IOutboundConnector
{
    public async Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation)
    {
        var socket = new Socket(hop.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(hop.EndPoint, cancellation).ConfigureAwait(false);
            return new TcpLink(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

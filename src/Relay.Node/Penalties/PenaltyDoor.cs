using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Relay.Node.Listeners;
using Relay.Smtp.Replies;

namespace Relay.Node.Penalties;

/// <summary>Turns clients under a penalty away from a listener, before anything is made for them but the socket.</summary>
internal sealed class PenaltyDoor
{
    private static readonly byte[] Farewell = Encode();

    private readonly PenaltyBox _box;
    private readonly RefusedConnections _refused;
    private readonly bool _isSilent;

    /// <summary>The door of one listener.</summary>
    /// <param name="box">Who is under a penalty.</param>
    /// <param name="refused">Counts who is turned away.</param>
    /// <param name="isSilent">The listener begins with TLS: whoever connects could not read what it is told.</param>
    public PenaltyDoor(PenaltyBox box, RefusedConnections refused, bool isSilent)
    {
        (_box, _refused, _isSilent) = (box, refused, isSilent);
    }

    /// <summary>Says goodbye to a client under a penalty, and closes its socket.</summary>
    /// <returns>False for anybody else, whose socket is as it was.</returns>
    public bool TurnsAway(Socket socket)
    {
        if (_box.Penalised == 0 || socket.RemoteEndPoint is not IPEndPoint { Address: var peer })
        {
            return false;
        }

        var client = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        if (!_box.Holds(client))
        {
            return false;
        }

        _refused.Add(client, PenaltyBox.Rule);
        using (socket)
        {
            if (!_isSilent)
            {
                Tell(socket);
            }
        }

        return true;
    }

    private static void Tell(Socket socket)
    {
        try
        {
            socket.Send(Farewell);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The client has gone already, and is turned away all the same.
        }
    }

    private static byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        ReplyWriter.Write(PenaltyBox.Reply, buffer);
        return buffer.WrittenSpan.ToArray();
    }
}

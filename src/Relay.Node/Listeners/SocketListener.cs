using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Relay.Node.Listeners;

/// <summary>Accepts SMTP connections for Kestrel as its own socket listener does, but looks at each socket before it makes anything for it.</summary>
internal sealed class SocketListener : IConnectionListener
{
    /// <summary>Between two tries to accept while the process has no file for it.</summary>
    private static readonly TimeSpan ScarceTime = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _connections;
    private readonly Func<Socket, bool> _turnsAway;
    private readonly TimeProvider _time;

    /// <summary>Listens.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="options">As for Kestrel's own sockets.</param>
    /// <param name="turnsAway">Looks at a socket; true when it has closed it. It must not wait.</param>
    /// <param name="log">Kestrel's log of sockets.</param>
    /// <param name="time">The clock.</param>
    public SocketListener(EndPoint endpoint, SocketTransportOptions options, Func<Socket, bool> turnsAway, ILogger log, TimeProvider time)
    {
        _turnsAway = turnsAway;
        _time = time;
        _socket = options.CreateBoundListenSocket(endpoint);
        EndPoint = _socket.LocalEndPoint!;
        _socket.Listen(options.Backlog);
        _connections = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = options.IOQueueCount,
                WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
                MaxReadBufferSize = options.MaxReadBufferSize,
                MaxWriteBufferSize = options.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
            },
            log);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (!_turnsAway(socket))
                {
                    socket.NoDelay = true;
                    return _connections.Create(socket);
                }
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                await Task.Delay(ScarceTime, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // The client has gone while it waited: the next one has its turn.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connections.Dispose();
        return ValueTask.CompletedTask;
    }
}

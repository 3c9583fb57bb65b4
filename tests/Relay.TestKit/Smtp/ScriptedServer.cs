using System.Net;

namespace Relay.TestKit.Smtp;

/// <summary>A server whose every connection does what the test says, with no opinion on what a server may do.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConnectionTaker _connections;

    private ScriptedServer(Func<ScriptedPeer, Task> script, int port)
    {
        // No script goes on behind a peer that has left.
        _connections = new ConnectionTaker(new IPEndPoint(IPAddress.Loopback, port), async (socket, stopping) =>
        {
            using var peer = new ScriptedPeer(socket, stopping);
            await script(peer);
        });
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _connections.EndPoint;

    /// <summary>Connections so far.</summary>
    public int Connections => _connections.Connections;

    /// <summary>Starts a server on 127.0.0.1. A connection is closed when its script ends.</summary>
    /// <param name="script">What each connection does.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    public static ScriptedServer Start(Func<ScriptedPeer, Task> script, int port = 0) => new(script, port);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();
}

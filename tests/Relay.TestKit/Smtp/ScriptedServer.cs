using System.Net;
using System.Net.Sockets;

namespace Relay.TestKit.Smtp;

/// <summary>A server whose every connection does what the test says, with no opinion on what a server may do.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ScriptedPeer, Task> _script;
    private readonly Task _accepting;
    private int _connections;

    private ScriptedServer(Func<ScriptedPeer, Task> script, int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Starts a server on 127.0.0.1. A connection is closed when its script ends.</summary>
    /// <param name="script">What each connection does.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    public static ScriptedServer Start(Func<ScriptedPeer, Task> script, int port = 0) => new(script, port);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_listener.Server.IsBound)
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                running.Add(PlayAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException || (e is InvalidOperationException && _stop.IsCancellationRequested))
        {
            // Between two connections a listener that was stopped says that it was never started.
            await Task.WhenAll(running);
        }
    }

    private async Task PlayAsync(Socket socket)
    {
        using var peer = new ScriptedPeer(socket, _stop.Token);
        try
        {
            await _script(peer);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side has left, or the test is over: no script goes on behind that.
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Relay.TestKit.Smtp;

/// <summary>Takes connections on a raw socket and runs each, until it is disposed of; then it waits for all of them.</summary>
internal sealed class ConnectionTaker : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <summary>Begins.</summary>
    /// <param name="listen">Where; port 0 for a free one.</param>
    /// <param name="serve">Runs a connection and closes it; the token ends it. What a peer that has left brings about ends there.</param>
    public ConnectionTaker(IPEndPoint listen, Func<Socket, CancellationToken, Task> serve)
    {
        _listener = new TcpListener(listen);
        _serve = serve;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

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
                running.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException || (e is InvalidOperationException && _stop.IsCancellationRequested))
        {
            // Between two connections a listener that was stopped says that it was never started.
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await _serve(socket, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side has left, or the test is over.
        }
    }
}

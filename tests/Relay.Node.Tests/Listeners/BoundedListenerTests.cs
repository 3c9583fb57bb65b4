using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Node.Listeners;

namespace Relay.Node.Tests.Listeners;

public sealed class BoundedListenerTests : IAsyncLifetime, IDisposable
{
    private readonly SemaphoreSlim _room = new(2);
    private BoundedListener _listener = null!; // set by InitializeAsync

    public async Task InitializeAsync()
    {
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _listener = new BoundedListener(await sockets.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)), _room);
    }

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task A_connection_waits_until_the_socket_of_another_is_closed()
    {
        using var first = await ConnectAsync();
        using var second = await ConnectAsync();
        using var third = await ConnectAsync();
        var accepted = (BoundedConnection)(await _listener.AcceptAsync())!;
        await using var other = await _listener.AcceptAsync();
        var isClosed = false;
        accepted.Closed = () => isClosed = true;

        var waiting = _listener.AcceptAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.False(isClosed);
        await accepted.DisposeAsync();
        Assert.True(isClosed);
        await using var last = await waiting;
        Assert.Equal(third.LocalEndPoint, last!.RemoteEndPoint);

        await accepted.DisposeAsync();
        Assert.Equal(0, _room.CurrentCount);
    }

    [Fact]
    public async Task Whoever_waits_for_room_when_the_port_is_closed_gets_nothing()
    {
        using var first = await ConnectAsync();
        using var second = await ConnectAsync();
        await using var accepted = await _listener.AcceptAsync();
        await using var other = await _listener.AcceptAsync();
        var waiting = _listener.AcceptAsync().AsTask();
        await _listener.UnbindAsync();
        Assert.Null(await waiting);
    }

    [Fact]
    public async Task Whoever_waits_for_a_connection_when_the_port_is_closed_gives_its_room_back()
    {
        var waiting = _listener.AcceptAsync().AsTask();
        await _listener.UnbindAsync();
        Assert.Null(await waiting);
        Assert.Equal(2, _room.CurrentCount);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_listener.EndPoint);
        return socket;
    }
}

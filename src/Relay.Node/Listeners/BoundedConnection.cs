using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Node.Listeners;

/// <summary>A connection of Kestrel's that gives its place back once its socket is closed.</summary>
internal sealed class BoundedConnection : ConnectionContext
{
    private readonly ConnectionContext _connection;
    private readonly SemaphoreSlim _room;
    private int _isClosed;

    public BoundedConnection(ConnectionContext connection, SemaphoreSlim room)
    {
        _connection = connection;
        _room = room;
    }

    /// <summary>Runs once, when the socket is closed: later than the handler's end while the client has not taken all that was written.</summary>
    public Action? Closed { get; set; }

    public override string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public override IFeatureCollection Features => _connection.Features;

    public override IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _connection.Transport;
        set => _connection.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    public override void Abort() => _connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            {
                Closed?.Invoke();
                _room.Release();
            }
        }
    }
}

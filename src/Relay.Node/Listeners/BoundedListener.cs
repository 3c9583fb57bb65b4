using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Relay.Node.Listeners;

/// <summary>Accepts a connection only when there is room for it; its place is free again once its socket is closed.</summary>
internal sealed class BoundedListener : IConnectionListener
{
    private readonly IConnectionListener _listener;
    private readonly SemaphoreSlim _room;
    private readonly CancellationTokenSource _unbound = new();

    public BoundedListener(IConnectionListener listener, SemaphoreSlim room)
    {
        _listener = listener;
        _room = room;
    }

    public EndPoint EndPoint => _listener.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _room.WaitAsync(_unbound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        try
        {
            if (await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } connection)
            {
                return new BoundedConnection(connection, _room);
            }
        }
        catch
        {
            _room.Release();
            throw;
        }

        _room.Release();
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync().ConfigureAwait(false);
        await _listener.UnbindAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _unbound.Dispose();
    }
}

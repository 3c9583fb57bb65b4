using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Relay.Node.Composition;
using Relay.Node.Settings;

namespace Relay.Node.Listeners;

/// <summary>Accepts connections for Kestrel while the process has room for them: the others wait in the kernel, where they take no file of ours.</summary>
/// <remarks>
/// Kestrel's own <c>MaxConcurrentConnections</c> counts a connection from when the thread pool gets to it until its handler returns. A burst
/// is accepted before that, and what a client does not read is held after it; this counts from the accept until the socket is closed.
/// </remarks>
internal sealed class BoundedTransport : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets;
    private readonly EndPoint _api;
    private readonly Lazy<SemaphoreSlim> _smtpRoom;

    public BoundedTransport(SocketTransportFactory sockets, NodeSettings settings, MailHost mail)
    {
        _sockets = sockets;
        _api = settings.Admin.Address;
        // A listener takes its place before its connection comes.
        _smtpRoom = new Lazy<SemaphoreSlim>(
            () => new SemaphoreSlim((int)Math.Min(
                (long)mail.Budget.SmtpConnections + DescriptorBudget.RefusalsMax + settings.Listeners.Count, int.MaxValue)));
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // By identity: two addresses with port 0 are equal, and become two ports.
        var isApi = ReferenceEquals(endpoint, _api);
        var listener = await _sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        return new BoundedListener(listener, isApi ? new SemaphoreSlim(DescriptorBudget.ApiConnectionsMax) : _smtpRoom.Value);
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Relay.Node.Composition;
using Relay.Node.Penalties;
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
    private readonly NodeSettings _settings;
    private readonly MailHost _mail;
    private readonly SocketTransportOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly Lazy<SemaphoreSlim> _smtpRoom;

    public BoundedTransport(
        SocketTransportFactory sockets, NodeSettings settings, MailHost mail, IOptions<SocketTransportOptions> options, ILoggerFactory loggers, TimeProvider time)
    {
        _sockets = sockets;
        _settings = settings;
        _mail = mail;
        _options = options.Value;
        _loggers = loggers;
        _time = time;
        // A listener takes its place before its connection comes.
        _smtpRoom = new Lazy<SemaphoreSlim>(
            () => new SemaphoreSlim((int)Math.Min(
                (long)mail.Budget.SmtpConnections + DescriptorBudget.RefusalsMax + settings.Listeners.Count, int.MaxValue)));
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // By identity: two addresses with port 0 are equal, and become two ports.
        if (ReferenceEquals(endpoint, _settings.Admin.Address))
        {
            return new BoundedListener(
                await _sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false), new SemaphoreSlim(DescriptorBudget.ApiConnectionsMax));
        }

        var listener = _settings.Listeners.First(listener => ReferenceEquals(listener.Address, endpoint));
        var sockets = new SocketListener(endpoint, _options, TurnsAway(listener), _loggers.CreateLogger<SocketListener>(), _time);
        return new BoundedListener(sockets, _smtpRoom.Value);
    }

    // Behind a balancer the peer is the balancer: its clients are looked at when their header is read.
    private Func<Socket, bool> TurnsAway(ListenerSettings listener) => listener.ProxyProtocol is not null
        ? static _ => false
        : new PenaltyDoor(_mail.Services.Penalties, _mail.Services.Refused, listener.Tls == TlsMode.Implicit).TurnsAway;
}

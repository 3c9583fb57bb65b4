using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Relay.Node.Encryption;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>What a connection reads from and writes to: the plain pipe, and from a handshake on the encrypted one.</summary>
internal sealed class ConnectionTransport
{
    private readonly ConnectionContext _context;
    private TlsChannel? _tls;
    private PipeReader _input;
    private volatile bool _isWoken;

    public ConnectionTransport(ConnectionContext context)
    {
        _context = context;
        _input = context.Transport.Input;
        Output = context.Transport.Output;
    }

    public PipeReader Input => _input;

    public PipeWriter Output { get; private set; }

    /// <summary>Shakes hands with the client.</summary>
    /// <returns>What was settled; null when the connection is to be closed without another word.</returns>
    public async ValueTask<TlsFacts?> StartTlsAsync(TlsServer tls, IPAddress client)
    {
        if (await tls.HandshakeAsync(_context.Transport, client, GiveWay).ConfigureAwait(false) is not { } channel)
        {
            return null;
        }

        _tls = channel;
        Output = channel.Output;
        Volatile.Write(ref _input, channel.Input);
        Interlocked.MemoryBarrier();
        if (_isWoken)
        {
            channel.Input.CancelPendingRead(); // whoever woke us may have had the plain reader in hand
        }

        return channel.Facts;
    }

    /// <summary>Makes the read that is on, or the next one, return at once; called on any thread.</summary>
    public void Wake()
    {
        _isWoken = true;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _input).CancelPendingRead();
    }

    /// <summary>Closes the connection whatever it is in; called on any thread.</summary>
    public void Abort(string reason) => _context.Abort(new ConnectionAbortedException(reason));

    private void GiveWay() => Abort("The TLS handshake gave way to others.");

    /// <summary>Everything is said: under TLS the client is told so.</summary>
    public Task EndAsync() => _tls?.EndAsync() ?? Task.CompletedTask;

    /// <summary>Gives back what encryption holds.</summary>
    public ValueTask ReleaseAsync() => _tls?.DisposeAsync() ?? ValueTask.CompletedTask;
}

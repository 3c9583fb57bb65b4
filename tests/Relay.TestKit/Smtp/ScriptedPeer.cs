using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>The server's side of one connection to a <see cref="ScriptedServer"/>.</summary>
public sealed class ScriptedPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationToken _stop;
    private readonly List<byte> _received = [];
    private Stream _stream;

    internal ScriptedPeer(Socket socket, CancellationToken stop)
    {
        _socket = socket;
        socket.NoDelay = true; // what a script has said is there, and does not wait for an acknowledgement of what it said before
        _stream = new NetworkStream(socket, ownsSocket: true);
        _stop = stop;
    }

    /// <summary>Sends text as UTF-8, as it is.</summary>
    public async Task SendAsync(string text)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), _stop);
        await _stream.FlushAsync(_stop);
    }

    /// <summary>Does the TLS handshake as the server. What was read in the clear and not asked for stays to be read.</summary>
    /// <param name="certificate">What to show.</param>
    /// <param name="protocols">The versions to speak; the system's choice by default.</param>
    /// <exception cref="EndOfStreamException">The client did not go through with it.</exception>
    public async Task StartTlsAsync(X509Certificate2 certificate, SslProtocols protocols = SslProtocols.None)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        try
        {
            var options = new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocols };
            await tls.AuthenticateAsServerAsync(options, _stop);
            NamedHost = tls.TargetHostName;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            throw new EndOfStreamException("The client has left the handshake.", e);
        }
    }

    /// <summary>The host that the client named in its handshake (SNI); empty without.</summary>
    public string NamedHost { get; private set; } = string.Empty;

    /// <summary>Reads exactly this many octets, as text.</summary>
    /// <exception cref="EndOfStreamException">The client has closed.</exception>
    public async Task<string> ReadOctetsAsync(int count)
    {
        while (_received.Count < count)
        {
            await ReceiveAsync();
        }

        var text = Encoding.UTF8.GetString([.. _received[..count]]);
        _received.RemoveRange(0, count);
        return text;
    }

    /// <summary>Reads one line without its CRLF.</summary>
    /// <exception cref="EndOfStreamException">The client has closed.</exception>
    public Task<string> ReadLineAsync() => ReadUntilAsync("\r\n");

    /// <summary>Reads a body up to its final dot.</summary>
    /// <exception cref="EndOfStreamException">The client has closed.</exception>
    public Task<string> ReadBodyAsync() => ReadUntilAsync("\r\n.\r\n");

    /// <summary>Greets, then answers each command up to DATA: the replies stand in the order of the commands after the greeting.</summary>
    public async Task AnswerAsync(params string[] replies)
    {
        await SendAsync("220 hop.example\r\n");
        foreach (var reply in replies)
        {
            await ReadLineAsync();
            await SendAsync(reply + "\r\n");
        }
    }

    /// <summary>Closes with a reset, as a server that dies.</summary>
    public void Reset() => _socket.Close(0);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task<string> ReadUntilAsync(string end)
    {
        var mark = Encoding.ASCII.GetBytes(end);
        while (true)
        {
            var at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).IndexOf(mark);
            if (at >= 0)
            {
                var text = Encoding.UTF8.GetString([.. _received[..at]]);
                _received.RemoveRange(0, at + mark.Length);
                return text;
            }

            await ReceiveAsync();
        }
    }

    private async Task ReceiveAsync()
    {
        var block = new byte[4096];
        var count = await _stream.ReadAsync(block, _stop);
        if (count == 0)
        {
            throw new EndOfStreamException("The client has closed.");
        }

        _received.AddRange(block.AsSpan(0, count));
    }
}

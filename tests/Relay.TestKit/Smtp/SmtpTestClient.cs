using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>
/// A client that speaks SMTP over a real socket, octet by octet as the test says, with no opinion on what is allowed.
/// Every wait ends after <see cref="Patience"/> with an exception that names what was waited for.
/// </summary>
public sealed class SmtpTestClient : IAsyncDisposable
{
    /// <summary>Octets of one reply line; longer ones end the test.</summary>
    public const int ReplyLineMax = 16 * 1024;

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[ReplyLineMax];
    private int _start;
    private int _end;
    private SslStream? _tls;

    private SmtpTestClient(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>How long to wait for anything. Default: 30 s, for a machine that is busy; a test that passes never waits for it.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Our end of the connection.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Connects and reads nothing yet.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="from">The address to come from; null for what the system chooses.</param>
    public static async Task<SmtpTestClient> ConnectAsync(IPEndPoint server, IPAddress? from = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(server);
        return new SmtpTestClient(socket);
    }

    /// <summary>Connects, reads the greeting and says EHLO; both must be positive.</summary>
    public static async Task<SmtpTestClient> GreetAsync(IPEndPoint server, string name = "client.example", IPAddress? from = null)
    {
        var client = await ConnectAsync(server, from);
        (await client.ReadReplyAsync()).MustBe(220);
        (await client.CommandAsync($"EHLO {name}")).MustBe(250);
        return client;
    }

    /// <summary>What the handshake of <see cref="StartTlsAsync"/> settled.</summary>
    public SslStream Tls => _tls ?? throw new InvalidOperationException("Not under TLS");

    /// <summary>Shakes hands: from here on everything is encrypted. Any certificate will do.</summary>
    /// <param name="options">What the client asks for; null for what the system does.</param>
    public async Task StartTlsAsync(SslClientAuthenticationOptions? options = null)
    {
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: false));
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost ??= "mx.relay.example";
        options.RemoteCertificateValidationCallback ??= static (_, certificate, _, _) => certificate is not null;
        using var limit = new CancellationTokenSource(Patience);
        await tls.AuthenticateAsClientAsync(options, limit.Token);
        _tls = tls;
    }

    /// <summary>Sends octets as they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (!octets.IsEmpty)
            {
                if (_tls is { } tls)
                {
                    await tls.WriteAsync(octets, limit.Token);
                    return;
                }

                octets = octets[await _socket.SendAsync(octets, SocketFlags.None, limit.Token)..];
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The server does not take {octets.Length} octets");
        }
    }

    /// <summary>Sends text as UTF-8, without a line end of its own.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends one line as UTF-8 with CRLF.</summary>
    public Task SendLineAsync(string line) => SendAsync(line + "\r\n");

    /// <summary>Sends one line and reads its reply.</summary>
    public async Task<TestReply> CommandAsync(string line)
    {
        await SendLineAsync(line);
        return await ReadReplyAsync();
    }

    /// <summary>MAIL, one RCPT each and DATA, which must be accepted, then the stuffed content; the reply to it.</summary>
    public async Task<TestReply> SendMessageAsync(string sender, IEnumerable<string> recipients, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        (await CommandAsync($"MAIL FROM:<{sender}>")).MustBe(250);
        foreach (var recipient in recipients)
        {
            (await CommandAsync($"RCPT TO:<{recipient}>")).MustBe(250);
        }

        (await CommandAsync("DATA")).MustBe(354);
        await SendAsync(StuffedContent.Of(content.Span));
        return await ReadReplyAsync();
    }

    /// <summary>Reads one whole reply.</summary>
    /// <exception cref="EndOfStreamException">The server closed before it was whole.</exception>
    public async Task<TestReply> ReadReplyAsync()
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLineAsync() ?? throw new EndOfStreamException($"Closed after {lines.Count} lines of a reply");
            lines.Add(line);
            if (line.Length < 4 || line[3] != '-')
            {
                return TestReply.Parse(lines);
            }
        }
    }

    /// <summary>Reads one line without its CRLF; null when the server has closed.</summary>
    public async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var length = _received.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_received, _start, length);
                _start += length + 2;
                return line;
            }

            if (!await FillAsync("a line"))
            {
                var rest = Encoding.UTF8.GetString(_received, _start, _end - _start);
                return rest.Length == 0 ? null : throw new EndOfStreamException($"Closed in the middle of \"{rest}\"");
            }
        }
    }

    /// <summary>Waits for the server to close; what it still sent, as text. A reset counts as a close.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        do
        {
            text.Append(Encoding.UTF8.GetString(_received, _start, _end - _start));
            _start = _end;
        }
        while (await FillAsync("the end of the connection"));

        return text.ToString();
    }

    /// <summary>Says that we send no more, and goes on reading.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset, as a client that dies.</summary>
    public void Abort() => _socket.Close(0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_tls is { } tls)
        {
            await tls.DisposeAsync();
        }

        _socket.Dispose();
    }

    private async Task<bool> FillAsync(string what)
    {
        if (_start > 0)
        {
            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        if (_end == _received.Length)
        {
            throw new InvalidDataException($"A reply line of more than {ReplyLineMax} octets");
        }

        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var count = _tls is { } tls
                ? await tls.ReadAsync(_received.AsMemory(_end), limit.Token)
                : await _socket.ReceiveAsync(_received.AsMemory(_end), SocketFlags.None, limit.Token);
            _end += count;
            return count > 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The server did not send {what} within {Patience}");
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Relay.Smtp.Replies;

namespace Relay.Flood.Load;

/// <summary>What a server said: the code, and what is counted for the report, such as <c>450 4.7.1</c>.</summary>
internal readonly record struct TalkReply(int Code, string Label)
{
    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsClosing => Code == 421;
}

/// <summary>One connection of a client that may behave as badly as an attack wants. One user at a time.</summary>
internal sealed class SmtpTalk : IAsyncDisposable
{
    private const int BufferSize = 4096;
    private static readonly ReplyLimits Limits = ReplyLimits.Default;
    private readonly Socket _socket;
    private readonly ReplyParser _parser = new(Limits);
    private readonly byte[] _buffer = new byte[BufferSize];
    private Stream _stream;
    private int _from;
    private int _to;
    private bool _isClosed;

    private SmtpTalk(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Messages sent over it so far; the user counts.</summary>
    public int Messages { get; set; }

    /// <summary>Connects from an address, or from the one that the system picks.</summary>
    /// <exception cref="SocketException">Nobody listens, or no port is free.</exception>
    public static async Task<SmtpTalk> ConnectAsync(IPEndPoint target, IPAddress? source, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(target, cancellationToken);
            return new SmtpTalk(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads one reply.</summary>
    /// <exception cref="IOException">The server closed, or said what is no reply.</exception>
    public async ValueTask<TalkReply> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_from < _to)
            {
                var input = new ReadOnlySequence<byte>(_buffer, _from, _to - _from);
                var found = _parser.Advance(ref input);
                _from = _to - (int)input.Length;
                if (found == ReplyParse.Complete)
                {
                    return new TalkReply(_parser.Code, LabelOf(_parser));
                }

                if (found == ReplyParse.Malformed)
                {
                    throw new IOException($"no SMTP reply: {_parser.Fault}");
                }
            }

            _from = 0;
            _to = await _stream.ReadAsync(_buffer, cancellationToken);
            if (_to == 0)
            {
                throw new IOException("closed by the server");
            }
        }
    }

    /// <summary>Sends octets as they are.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken) => _stream.WriteAsync(octets, cancellationToken);

    /// <summary>Sends text as it is; CRLF belongs to it.</summary>
    public ValueTask WriteAsync(string text, CancellationToken cancellationToken) => WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);

    /// <summary>Sends a command line and reads its reply.</summary>
    public async ValueTask<TalkReply> AskAsync(string line, CancellationToken cancellationToken)
    {
        await WriteAsync(line + "\r\n", cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>STARTTLS and the handshake.</summary>
    public async Task<TalkReply> StartTlsAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync("STARTTLS", cancellationToken);
        if (!reply.IsPositive)
        {
            return reply;
        }

        await EncryptAsync(cancellationToken);
        _parser.Reset();
        return reply;
    }

    /// <summary>The handshake. Who the server is does not matter to a load.</summary>
    public Task EncryptAsync(CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        _stream = encrypted;
        return encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "relay.example" }, cancellationToken);
    }

    /// <summary>Closes with a reset instead of a farewell, so that no port of ours waits.</summary>
    public void Cut()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _isClosed, true) ? ValueTask.CompletedTask : _stream.DisposeAsync();

    // Texts differ by message; code and status are what a reader wants to see counted.
    private static string LabelOf(ReplyParser parser)
    {
        if (parser.Code < 400)
        {
            return parser.Code.ToString(CultureInfo.InvariantCulture);
        }

        var reply = parser.ToReply();
        return reply.Status.IsNone ? reply.Code.ToString(CultureInfo.InvariantCulture) : $"{reply.Code} {reply.Status}";
    }
}

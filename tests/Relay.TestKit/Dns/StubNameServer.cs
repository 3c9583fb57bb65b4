using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.TestKit.Dns;

/// <summary>A resolver on loopback that answers what a test has told it, right or wrong (RFC 1035). What it was not told does not exist.</summary>
public sealed class StubNameServer : IAsyncDisposable
{
    private readonly UdpClient _socket;
    private readonly Socket _tcp; // holds the port from the start, so that nobody else has it when it is to listen
    private readonly UdpClient _elsewhere = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<(string Name, DnsType Type), DnsReply> _tcpReplies = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Name, DnsType Type), DnsReply> _replies = new();
    private readonly ConcurrentQueue<string> _questions = new();
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;
    private bool _isListening;
    private Task _servingTcp = Task.CompletedTask;
    private volatile IPAddress? _everywhere;

    private StubNameServer()
    {
        (_socket, _tcp) = Bind();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>What it was asked so far, as <c>relay.example MX</c>, in order.</summary>
    public IReadOnlyCollection<string> Questions => [.. _questions];

    /// <summary>Waits until it was asked a question so many times.</summary>
    /// <param name="question">As in <see cref="Questions"/>.</param>
    /// <param name="times">How often.</param>
    public async Task UntilAskedAsync(string question, int times = 1)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var next = Volatile.Read(ref _asked).Task;
            if (_questions.Count(asked => asked == question) >= times)
            {
                return;
            }

            await next.WaitAsync(patience.Token);
        }
    }

    /// <summary>Starts one that knows nothing.</summary>
    public static StubNameServer Start() => new();

    /// <summary>Answers a question so from now on. A name with a reply for one type exists, and has no records of others.</summary>
    public StubNameServer Set(string name, DnsType type, DnsReply reply)
    {
        _replies[(name, type)] = reply;
        return this;
    }

    /// <summary>Answers a question over TCP so from now on; without this nobody listens there.</summary>
    public StubNameServer SetOverTcp(string name, DnsType type, DnsReply reply)
    {
        _tcpReplies[(name, type)] = reply;
        if (!_isListening)
        {
            _isListening = true;
            _tcp.Listen();
            _servingTcp = ServeTcpAsync();
        }

        return this;
    }

    /// <summary>Gives a name mail exchangers: each a preference, a space and a host, <c>.</c> for the root.</summary>
    public StubNameServer Mx(string name, params string[] exchangers) =>
        Set(name, DnsType.Mx, DnsReply.Of([.. exchangers.Select(text => DnsRecord.Mx(name, ushort.Parse(text.Split(' ')[0]), text.Split(' ')[1]))]));

    /// <summary>Gives a name addresses, of both families.</summary>
    public StubNameServer Addresses(string name, params string[] addresses)
    {
        foreach (var family in addresses.Select(IPAddress.Parse).GroupBy(address => address.AddressFamily))
        {
            var type = family.Key == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;
            Set(name, type, DnsReply.Of([.. family.Select(address => DnsRecord.Address(name, address))]));
        }

        return this;
    }

    /// <summary>Gives every name that it was not told of this IPv4 address, and no mail exchanger.</summary>
    public StubNameServer Everywhere(IPAddress address)
    {
        _everywhere = address;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        await _servingTcp;
        _tcp.Dispose();
        _socket.Dispose();
        _elsewhere.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var held = new List<Task>();
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_stop.Token);
                var (name, type, length) = ReadQuestion(query.Buffer);
                var reply = Find(name, type);
                _questions.Enqueue($"{name} {(type == DnsType.ReverseName ? "PTR" : type.ToString().ToUpperInvariant())}");
                var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Interlocked.Exchange(ref _asked, seen).SetResult();
                if (reply.Release.IsCompleted)
                {
                    await AnswerAsync(reply, query, length);
                }
                else
                {
                    held.Add(AnswerAsync(reply, query, length));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        foreach (var answer in held)
        {
            await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(DnsReply reply, UdpReceiveResult query, int length)
    {
        foreach (var earlier in reply.Earlier)
        {
            await AnswerAsync(earlier, query, length);
        }

        await reply.Release.WaitAsync(_stop.Token);
        if (reply.Write(query.Buffer, length) is { } answer)
        {
            await (reply.IsFromElsewhere ? _elsewhere : _socket).SendAsync(answer, query.RemoteEndPoint, _stop.Token);
        }
    }

    // One question for each connection, one connection after another.
    // One port for both: of those that are free for UDP some are taken for TCP.
    private static (UdpClient Udp, Socket Tcp) Bind()
    {
        for (var tries = 0; ; tries++)
        {
            var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(udp.Client.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && tries < 100)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _tcp.AcceptAsync(_stop.Token);
                await using var stream = new NetworkStream(connection);
                var head = new byte[2];
                await stream.ReadExactlyAsync(head, _stop.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await stream.ReadExactlyAsync(query, _stop.Token);
                var (name, type, length) = ReadQuestion(query);
                if (_tcpReplies.TryGetValue((name, type), out var reply) && reply.Write(query, length) is { } answer)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)answer.Length);
                    await stream.WriteAsync((byte[])[.. head, .. answer], _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private DnsReply Find(string name, DnsType type)
    {
        if (_replies.TryGetValue((name, type), out var reply) || _replies.TryGetValue((name, DnsType.Any), out reply))
        {
            return reply;
        }

        if (_everywhere is { } address && !_replies.Keys.Any(key => key.Name == name))
        {
            return type is DnsType.A ? DnsReply.Of(DnsRecord.Address(name, address)) : DnsReply.Of();
        }

        return _replies.Keys.Any(key => key.Name == name) ? DnsReply.Of() : DnsReply.Code(3);
    }

    private static (string Name, DnsType Type, int Length) ReadQuestion(byte[] query)
    {
        var labels = new List<string>();
        var at = 12;
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]).ToLowerInvariant());
            at += query[at] + 1;
        }

        return (string.Join('.', labels), (DnsType)BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1)), at + 5);
    }
}

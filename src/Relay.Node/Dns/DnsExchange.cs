using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ARSoft.Tools.Net.Dns;

namespace Relay.Node.Dns;

/// <summary>Asks one name server one question, over UDP, and over TCP where the answer does not fit (RFC 1035 section 4.2, RFC 7766).</summary>
/// <remarks>
/// Each question has a socket of its own, connected to the server: the system passes on nothing from other addresses, and picks a port that
/// nobody can guess. What comes from there and does not fit the question is passed over, and the wait goes on (RFC 5452 section 9).
/// </remarks>
internal sealed class DnsExchange
{
    /// <summary>Octets of a datagram that are read. Default 4,096; longer ones are not what we asked for.</summary>
    public const int DatagramMax = 4_096;

    /// <summary>Datagrams to one question that do not fit it. Default 16; after them somebody guesses, and the answer is asked for over TCP.</summary>
    public const int MisfitsMax = 16;

    private readonly TimeSpan _within;
    private readonly TimeProvider _time;

    /// <param name="server">Where it listens.</param>
    /// <param name="within">For an answer over UDP; once more as long for one over TCP.</param>
    /// <param name="time">The clock.</param>
    public DnsExchange(IPEndPoint server, TimeSpan within, TimeProvider time)
    {
        Server = server;
        _within = within;
        _time = time;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Server { get; }

    /// <summary>Asks. Whatever goes wrong is a reply.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<ServerReply> AskAsync(string name, QueryType type, CancellationToken cancellation)
    {
        var reply = await AskAsync(name, type, withOptions: true, cancellation).ConfigureAwait(false);
        return reply.Message?.ReturnCode == ReturnCode.FormatError // it may be older than EDNS (RFC 6891 section 7)
            ? Judge(await AskAsync(name, type, withOptions: false, cancellation).ConfigureAwait(false))
            : Judge(reply);
    }

    private static ServerReply Judge(ServerReply reply) =>
        reply.Message is { ReturnCode: not (ReturnCode.NoError or ReturnCode.NxDomain) } message
            ? ServerReply.Useless($"the name server answers {WordsOf(message.ReturnCode)}")
            : reply;

    private async Task<ServerReply> AskAsync(string name, QueryType type, bool withOptions, CancellationToken cancellation)
    {
        var id = BinaryPrimitives.ReadUInt16BigEndian(RandomNumberGenerator.GetBytes(2));
        if (!DnsQuery.TryCreate(name, type, id, withOptions, out var query))
        {
            return ServerReply.Useless("no name that can be asked for");
        }

        return await WithinAsync(limit => AskByDatagramAsync(query, limit), cancellation).ConfigureAwait(false)
            ?? await WithinAsync(limit => AskByStreamAsync(query, limit), cancellation).ConfigureAwait(false) switch
            {
                { Message: null } failed => ServerReply.Useless($"the answer must come over TCP: {failed.Cause}"),
                { } answered => answered,
                null => ServerReply.Useless("the answer is cut off over TCP too"),
            };
    }

    // Null for what must be asked again over TCP.
    private async Task<ServerReply?> WithinAsync(Func<CancellationToken, Task<ServerReply?>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await ask(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ServerReply.None;
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            return ServerReply.Unreachable(e.Message);
        }
    }

    private async Task<ServerReply?> AskByDatagramAsync(DnsQuery query, CancellationToken cancellation)
    {
        using var socket = new Socket(Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(Server, cancellation).ConfigureAwait(false);
        await socket.SendAsync(query.Bytes, cancellation).ConfigureAwait(false);
        var buffer = new byte[DatagramMax];
        for (var misfits = 0; misfits < MisfitsMax; misfits++)
        {
            var length = await ReceiveAsync(socket, buffer, cancellation).ConfigureAwait(false);
            if (query.IsAnsweredBy(buffer.AsSpan(0, length)))
            {
                return DnsQuery.IsTruncated(buffer) ? null : Read(buffer, length);
            }
        }

        return null;
    }

    private static async ValueTask<int> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            // A buffer that is full has been too small, which some systems say and some do not.
            return await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false) is var length && length < buffer.Length ? length : 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
        {
            return 0;
        }
    }

    private async Task<ServerReply?> AskByStreamAsync(DnsQuery query, CancellationToken cancellation)
    {
        using var socket = new Socket(Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Server, cancellation).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        var question = new byte[2 + query.Bytes.Length];
        BinaryPrimitives.WriteUInt16BigEndian(question, (ushort)query.Bytes.Length);
        query.Bytes.CopyTo(question.AsMemory(2));
        await stream.WriteAsync(question, cancellation).ConfigureAwait(false);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellation).ConfigureAwait(false);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer, cancellation).ConfigureAwait(false);
        return !query.IsAnsweredBy(answer) ? ServerReply.Useless("an answer to another question")
            : DnsQuery.IsTruncated(answer) ? null
            : Read(answer, answer.Length);
    }

    private static ServerReply Read(byte[] answer, int length)
    {
        try
        {
            return ServerReply.Of(DnsMessage.Parse(new ArraySegment<byte>(answer, 0, length)));
        }
        catch (Exception e)
        {
            // The library has an exception of its own for each way in which an answer cannot be read, and none for all of them.
            return ServerReply.Useless($"its answer cannot be read: {e.Message}");
        }
    }

    private static string WordsOf(ReturnCode code) => code switch
    {
        ReturnCode.FormatError => "that it does not understand the question",
        ReturnCode.ServerFailure => "that it has failed",
        ReturnCode.NotImplemented => "that it does not answer such questions",
        ReturnCode.Refused => "that it refuses",
        _ => $"with error {(int)code}",
    };
}

using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Relay.TestKit.Smtp;

/// <summary>A next hop on a raw socket that takes all mail, and keeps every octet of it as it came over the wire.</summary>
/// <remarks>It reads with a few lines of its own, so that it does not share an error with what it judges.</remarks>
public sealed class RecordingServer : IAsyncDisposable
{
    private readonly string[] _extensions;
    private readonly Channel<RecordedMail> _mails = Channel.CreateUnbounded<RecordedMail>();
    private readonly ConnectionTaker _connections;

    private RecordingServer(IPEndPoint listen, string[] extensions)
    {
        _extensions = extensions;
        _connections = new ConnectionTaker(listen, ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _connections.EndPoint;

    /// <summary>Connections so far.</summary>
    public int Connections => _connections.Connections;

    /// <summary>Starts a server.</summary>
    /// <param name="listen">Where; port 0 for a free one.</param>
    /// <param name="extensions">What its EHLO offers: <c>CHUNKING</c>, <c>SMTPUTF8</c> and the like.</param>
    public static RecordingServer Start(IPEndPoint listen, params string[] extensions) => new(listen, extensions);

    /// <summary>The next message.</summary>
    /// <exception cref="TimeoutException">None came within a minute.</exception>
    public async Task<RecordedMail> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await _mails.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("No message came");
        }
    }

    /// <summary>What has come and was not asked for yet.</summary>
    public IReadOnlyList<RecordedMail> Taken()
    {
        var mails = new List<RecordedMail>();
        while (_mails.Reader.TryRead(out var mail))
        {
            mails.Add(mail);
        }

        return mails;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken stopping)
    {
        using var connection = new RecordingConnection(socket, _extensions, stopping);
        await connection.ServeAsync(mail => _mails.Writer.TryWrite(mail));
    }
}

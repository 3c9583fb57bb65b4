using System.Net;
using System.Text;
using System.Threading.Channels;
using Relay.Flood.Sink;

namespace Relay.Node.Tests.EndToEnd;

/// <summary>A sink in the test's process, and what it got: each message is awaited, never slept for.</summary>
internal sealed class ReceivedMail : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<SinkMessage> _messages = Channel.CreateUnbounded<SinkMessage>();

    private ReceivedMail(SinkSettings settings)
    {
        Sink = SmtpSink.Start(settings, observer: new SinkObserver(message => _messages.Writer.TryWrite(message), WithContent: true));
    }

    public SmtpSink Sink { get; }

    /// <summary>Starts a sink on a free port, or on one that another sink had.</summary>
    public static ReceivedMail Start(SinkSettings? settings = null, int port = 0) =>
        new((settings ?? new SinkSettings()) with { Listen = new IPEndPoint(IPAddress.Loopback, port) });

    /// <summary>The next message.</summary>
    public async Task<SinkMessage> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _messages.Reader.ReadAsync(patience.Token);
    }

    /// <summary>True when nothing is waiting to be read.</summary>
    public bool IsEmpty => !_messages.Reader.TryPeek(out _);

    /// <summary>Splits a message into its first field, which must be Received, and the rest.</summary>
    public static (string Received, byte[] Original) Split(SinkMessage message)
    {
        var content = message.Content.ToArray();
        var end = 0;
        do
        {
            end = content.AsSpan(end).IndexOf("\r\n"u8) + end + 2;
        }
        while (content[end] is (byte)' ' or (byte)'\t');
        var received = Encoding.ASCII.GetString(content, 0, end);
        Assert.StartsWith("Received: from ", received, StringComparison.Ordinal);
        return (received, content[end..]);
    }

    public ValueTask DisposeAsync() => Sink.DisposeAsync();
}

using System.IO.Pipelines;
using System.Net.Security;
using Relay.Smtp.Server;

namespace Relay.Node.Encryption;

/// <summary>The encrypted conversation with one client, once the handshake is done.</summary>
internal sealed class TlsChannel : IAsyncDisposable
{
    // A read without room waits for the client: a connection that is idle holds no buffer of ours.
    private static readonly StreamPipeReaderOptions ReaderOptions =
        new(bufferSize: 16 * 1024, minimumReadSize: 1024, leaveOpen: true, useZeroByteReads: true);

    private static readonly StreamPipeWriterOptions WriterOptions = new(leaveOpen: true);

    private readonly SslStream _stream;

    public TlsChannel(SslStream stream, TlsFacts facts)
    {
        _stream = stream;
        Facts = facts;
        Input = PipeReader.Create(stream, ReaderOptions);
        Output = PipeWriter.Create(stream, WriterOptions);
    }

    /// <summary>What the handshake settled.</summary>
    public TlsFacts Facts { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Says that nothing follows, so that the client can tell the end from a cut.</summary>
    public Task EndAsync() => _stream.ShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }
}

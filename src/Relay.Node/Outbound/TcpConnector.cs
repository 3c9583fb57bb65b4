using System.IO.Pipelines;
using System.Net.Sockets;
using Relay.Actors.Deliveries;

namespace Relay.Node.Outbound;

/// <summary>Opens TCP connections to next hops.</summary>
internal sealed class TcpConnector : IOutboundConnector
{
    // Small enough that twenty connections with a large body each stay small, large enough for one write a block.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: 8192, leaveOpen: true);

    public async Task<IOutboundLink> ConnectAsync(NextHop hop, CancellationToken cancellation)
    {
        var socket = new Socket(hop.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(hop.EndPoint, cancellation).ConfigureAwait(false);
            return new TcpLink(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class TcpLink : IOutboundLink
    {
        private readonly NetworkStream _stream;

        public TcpLink(Socket socket)
        {
            _stream = new NetworkStream(socket, ownsSocket: true);
            Input = PipeReader.Create(_stream, ReaderOptions);
            Output = PipeWriter.Create(_stream, WriterOptions);
        }

        public PipeReader Input { get; }

        public PipeWriter Output { get; }

        public ValueTask DisposeAsync() => _stream.DisposeAsync();
    }
}

using System.Net.Sockets;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>The server's side of one connection to a <see cref="ScriptedServer"/>.</summary>
public sealed class ScriptedPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly CancellationToken _stop;
    private readonly List<byte> _received = [];

    internal ScriptedPeer(Socket socket, CancellationToken stop)
    {
        _socket = socket;
        _stop = stop;
    }

    /// <summary>Sends text as UTF-8, as it is.</summary>
    public async Task SendAsync(string text)
    {
        ReadOnlyMemory<byte> octets = Encoding.UTF8.GetBytes(text);
        while (!octets.IsEmpty)
        {
            octets = octets[await _socket.SendAsync(octets, SocketFlags.None, _stop)..];
        }
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
    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadUntilAsync(string end)
    {
        var mark = Encoding.ASCII.GetBytes(end);
        var block = new byte[4096];
        while (true)
        {
            var at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).IndexOf(mark);
            if (at >= 0)
            {
                var text = Encoding.UTF8.GetString([.. _received[..at]]);
                _received.RemoveRange(0, at + mark.Length);
                return text;
            }

            var count = await _socket.ReceiveAsync(block, SocketFlags.None, _stop);
            if (count == 0)
            {
                throw new EndOfStreamException("The client has closed.");
            }

            _received.AddRange(block.AsSpan(0, count));
        }
    }
}

using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>One connection to a <see cref="RecordingServer"/>.</summary>
internal sealed class RecordingConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly string[] _extensions;
    private readonly CancellationToken _stop;
    private readonly List<byte> _received = [];
    private readonly List<string> _recipients = [];
    private readonly List<byte[]> _chunks = [];
    private readonly List<string> _faults = [];
    private string _sender = "";

    public RecordingConnection(Socket socket, string[] extensions, CancellationToken stop)
    {
        _socket = socket;
        socket.NoDelay = true;
        _extensions = extensions;
        _stop = stop;
    }

    public async Task ServeAsync(Action<RecordedMail> take)
    {
        await SayAsync("220 hop.example");
        while (true)
        {
            var line = await ReadLineAsync();
            if (line.StartsWith("QUIT", StringComparison.Ordinal))
            {
                await SayAsync("221 2.0.0 Bye");
                return;
            }

            await AnswerAsync(line, take);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task AnswerAsync(string line, Action<RecordedMail> take)
    {
        const string mail = "MAIL FROM:";
        const string recipient = "RCPT TO:";
        const string chunk = "BDAT ";
        if (line.StartsWith("EHLO ", StringComparison.Ordinal))
        {
            string[] lines = ["hop.example", .. _extensions];
            await SayAsync(string.Join("\r\n", lines.Select((text, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{text}")));
        }
        else if (line.StartsWith(mail, StringComparison.Ordinal))
        {
            Forget();
            _sender = line[mail.Length..];
            await SayAsync("250 2.1.0 Ok");
        }
        else if (line.StartsWith(recipient, StringComparison.Ordinal))
        {
            _recipients.Add(line[recipient.Length..]);
            await SayAsync("250 2.1.5 Ok");
        }
        else if (line == "DATA")
        {
            await SayAsync("354 Go");
            await EndAsync(await ReadDataAsync(), take);
        }
        else if (line.StartsWith(chunk, StringComparison.Ordinal))
        {
            await TakeChunkAsync(line[chunk.Length..].Split(' '), take);
        }
        else if (line == "RSET")
        {
            Forget();
            await SayAsync("250 2.0.0 Ok");
        }
        else
        {
            _faults.Add($"no command: {line}");
            await SayAsync("500 5.5.2 What?");
        }
    }

    private async Task TakeChunkAsync(string[] words, Action<RecordedMail> take)
    {
        var count = int.Parse(words[0], NumberStyles.None, CultureInfo.InvariantCulture);
        while (_received.Count < count)
        {
            await ReceiveAsync();
        }

        _chunks.Add([.. _received[..count]]);
        _received.RemoveRange(0, count);
        if (words.Length > 1)
        {
            await EndAsync(null, take);
        }
        else
        {
            await SayAsync("250 2.0.0 Ok");
        }
    }

    private async Task EndAsync(byte[]? data, Action<RecordedMail> take)
    {
        if (_received.Count > 0 && data is not null)
        {
            _faults.Add($"behind the final dot: {Encoding.Latin1.GetString([.. _received])}");
        }

        take(new RecordedMail(_sender, [.. _recipients], data, [.. _chunks], [.. _faults]));
        Forget();
        await SayAsync("250 2.0.0 Ok");
    }

    private void Forget()
    {
        _sender = "";
        _recipients.Clear();
        _chunks.Clear();
        _faults.Clear();
    }

    // As if the CRLF of the command before were part of it: a dot may be the first octet.
    private async Task<byte[]> ReadDataAsync()
    {
        _received.InsertRange(0, "\r\n"u8);
        var from = 0;
        while (true)
        {
            var at = CollectionsMarshal.AsSpan(_received)[from..].IndexOf("\r\n.\r\n"u8);
            if (at >= 0)
            {
                var end = from + at + 5;
                byte[] data = [.. _received[2..end]];
                _received.RemoveRange(0, end);
                return data;
            }

            from = Math.Max(0, _received.Count - 4);
            await ReceiveAsync();
        }
    }

    private async Task<string> ReadLineAsync()
    {
        while (true)
        {
            var at = CollectionsMarshal.AsSpan(_received).IndexOf("\r\n"u8);
            if (at >= 0)
            {
                var line = Encoding.Latin1.GetString([.. _received[..at]]);
                _received.RemoveRange(0, at + 2);
                return line;
            }

            await ReceiveAsync();
        }
    }

    private async Task SayAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text + "\r\n"), SocketFlags.None, _stop);

    private async Task ReceiveAsync()
    {
        var block = new byte[16 * 1024];
        var count = await _socket.ReceiveAsync(block, SocketFlags.None, _stop);
        if (count == 0)
        {
            throw new EndOfStreamException("The client has closed.");
        }

        _received.AddRange(block.AsSpan(0, count));
    }
}

using System.Buffers;
using System.Net;
using Relay.Smtp.Server;

namespace Relay.Flood.Sink;

/// <summary>
/// What one connection keeps of the message that is arriving: a file, the header section, the content in memory, each only when wanted.
/// </summary>
internal sealed class MessageCapture : IDisposable
{
    private readonly SmtpSink _sink;
    private readonly UnfinishedMessage? _file;
    private readonly LedgerId? _ledgerId;
    private readonly bool _wantsContent;
    private MemoryStream? _content;
    private Exception? _failure;

    private MessageCapture(SmtpSink sink)
    {
        _sink = sink;
        _file = sink.Store.Folder is { } folder ? new UnfinishedMessage(folder) : null;
        _ledgerId = sink.Store.Ledger is null ? null : new LedgerId();
        _wantsContent = sink.Observer is { WithContent: true };
    }

    /// <summary>A capture for a new connection; null when the sink keeps nothing, so that no octet is copied.</summary>
    public static MessageCapture? For(SmtpSink sink) =>
        sink.Store.Folder is null && sink.Store.Ledger is null && sink.Observer is null ? null : new MessageCapture(sink);

    /// <summary>Takes content octets. A full disk shows in <see cref="Keep"/>, when there is a reply to say it in.</summary>
    public void Append(in ReadOnlySequence<byte> content)
    {
        foreach (var part in content)
        {
            _ledgerId?.Append(part.Span);
            if (_wantsContent)
            {
                (_content ??= new MemoryStream()).Write(part.Span);
            }

            AppendToFile(part.Span);
        }
    }

    /// <summary>Forgets the message.</summary>
    public void Discard()
    {
        _file?.Discard();
        _ledgerId?.Clear();
        _content = null;
        _failure = null;
    }

    /// <summary>Shows the message to the observer, gives its files their names and enters it in the ledger, last, and forgets it.</summary>
    /// <returns>The message's number.</returns>
    public long Keep(ServerDialogue dialogue, IPEndPoint peer)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        var content = _content is null ? default : _content.GetBuffer().AsMemory(0, (int)_content.Length);
        var at = _sink.Time.GetUtcNow();
        var message = new SinkMessage(
            _sink.Store.NextNumber(), dialogue.ToEnvelope(), dialogue.HeloName ?? string.Empty, peer, at, dialogue.BodyLength, content);
        _sink.Observer?.OnMessage(message);
        _file?.Publish(message);
        if (_ledgerId is not null)
        {
            _sink.Store.Ledger!.Append(at, _ledgerId.Find(), message.Envelope.Recipients);
        }

        Discard();
        return message.Number;
    }

    public void Dispose()
    {
        Discard();
        _file?.Dispose();
        _content?.Dispose();
    }

    private void AppendToFile(ReadOnlySpan<byte> content)
    {
        if (_file is null || _failure is not null)
        {
            return;
        }

        try
        {
            _file.Append(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = e;
        }
    }
}

namespace Relay.Flood.Sink;

/// <summary>The file of a message that is arriving: under another name until the message is accepted.</summary>
internal sealed class UnfinishedMessage : IDisposable
{
    // Content with many dots comes in many small pieces.
    private const int BufferBytes = 16 * 1024;

    private readonly SaveFolder _folder;
    private string? _name;
    private FileStream? _file;

    public UnfinishedMessage(SaveFolder folder)
    {
        _folder = folder;
    }

    public void Append(ReadOnlySpan<byte> content) => Open().Write(content);

    /// <summary>Gives the message its final names, the envelope first.</summary>
    public void Publish(SinkMessage message)
    {
        Open().Dispose(); // an empty message has a file too
        var envelope = _folder.NextUnfinished();
        File.WriteAllBytes(envelope, EnvelopeJson.Write(message));
        File.Move(envelope, _folder.File($"{message.Number}.json"), overwrite: true);
        File.Move(_name!, _folder.File($"{message.Number}.eml"), overwrite: true);
        _file = null;
        _name = null;
    }

    /// <summary>Removes what has arrived; the next message may begin.</summary>
    public void Discard()
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            _file.Dispose();
            File.Delete(_name!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is gone or the disk is full; what is left is removed at the next start.
        }

        _file = null;
        _name = null;
    }

    public void Dispose() => Discard();

    private FileStream Open()
    {
        if (_file is null)
        {
            _name = _folder.NextUnfinished();
            _file = new FileStream(_name, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        }

        return _file;
    }
}

using Google.Protobuf;

namespace Relay.Messages.Wire;

/// <summary>How one type of message goes over the wire.</summary>
public sealed class WireType
{
    private readonly Func<IWireMessage, IMessage> _write;
    private readonly Func<byte[], IWireMessage> _read;

    private WireType(string manifest, Type type, Func<IWireMessage, IMessage> write, Func<byte[], IWireMessage> read)
    {
        Manifest = manifest;
        Type = type;
        _write = write;
        _read = read;
    }

    /// <summary>Its name on the wire, two to four letters. It never changes, and is never used for another type: nodes of two versions talk during an update.</summary>
    public string Manifest { get; }

    /// <summary>The message's type.</summary>
    public Type Type { get; }

    /// <summary>Describes a type by its Protobuf form.</summary>
    /// <param name="manifest">Its name on the wire.</param>
    /// <param name="write">From the message to its form.</param>
    /// <param name="parser">Parses the form.</param>
    /// <param name="read">From the form to the message. What cannot be one throws <see cref="FormatException"/>: a peer's bytes are not trusted to be well formed.</param>
    public static WireType For<TMessage, TForm>(string manifest, Func<TMessage, TForm> write, MessageParser<TForm> parser, Func<TForm, TMessage> read)
        where TMessage : class, IWireMessage
        where TForm : class, IMessage<TForm>
    {
        ArgumentNullException.ThrowIfNull(parser);
        return new WireType(manifest, typeof(TMessage), message => write((TMessage)message), bytes => read(parser.ParseFrom(bytes)));
    }

    /// <summary>The bytes of a message.</summary>
    public byte[] Write(IWireMessage message) => _write(message).ToByteArray();

    /// <summary>The message of some bytes.</summary>
    /// <exception cref="InvalidProtocolBufferException">They are not of this form.</exception>
    /// <exception cref="FormatException">Their values are no message.</exception>
    public IWireMessage Read(byte[] bytes) => _read(bytes);
}

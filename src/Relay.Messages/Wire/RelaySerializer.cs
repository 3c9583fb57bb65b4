using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using SerializationException = System.Runtime.Serialization.SerializationException;

namespace Relay.Messages.Wire;

/// <summary>Akka's way to the bytes of <see cref="IWireMessage"/>. Whatever is wrong is a <see cref="SerializationException"/>: others would tear the connection down.</summary>
public sealed class RelaySerializer : SerializerWithStringManifest
{
    /// <summary>Its number in Akka's envelopes; never changes.</summary>
    public const int SerializerId = 4711;

    /// <summary>Largest message of ours, in bytes. A frame holds 128,000, and what is larger is lost without a word; large messages also delay heartbeats.</summary>
    public const int MessageBytesMax = 48_000;

    /// <summary>What binds it, as HOCON.</summary>
    public static readonly string Hocon =
        $$"""
        akka.actor {
          serializers.relay = "{{typeof(RelaySerializer).AssemblyQualifiedName}}"
          serialization-bindings { "{{typeof(IWireMessage).AssemblyQualifiedName}}" = relay }
          serialization-identifiers { "{{typeof(RelaySerializer).AssemblyQualifiedName}}" = {{SerializerId}} }
        }
        """;

    private readonly WireCount? _count;

    /// <summary>Made by Akka.</summary>
    public RelaySerializer(ExtendedActorSystem system)
        : base(system)
    {
        ArgumentNullException.ThrowIfNull(system);
        _count = system.Settings.Setup.Get<WireSetup>() is { HasValue: true, Value.Count: var count } ? count : null;
    }

    /// <inheritdoc/>
    public override int Identifier => SerializerId;

    /// <inheritdoc/>
    public override string Manifest(object o) => TypeOf(o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var bytes = TypeOf(obj).Write((IWireMessage)obj);
        if (bytes.Length > MessageBytesMax)
        {
            throw new SerializationException($"{obj.GetType().Name} has {bytes.Length} bytes, more than {MessageBytesMax}");
        }

        _count?.Add();
        return bytes;
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var type = WireTypes.Named(manifest) ?? throw new SerializationException($"\"{manifest}\" names no message of this version");
        try
        {
            return type.Read(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or ArgumentException or OverflowException)
        {
            throw new SerializationException($"a message \"{manifest}\" of {bytes.Length} bytes cannot be read: {e.Message}", e);
        }
    }

    private static WireType TypeOf(object message) =>
        WireTypes.Of(message) ?? throw new SerializationException($"{message.GetType()} does not cross from node to node");
}

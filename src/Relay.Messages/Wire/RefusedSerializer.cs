using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using SerializationException = System.Runtime.Serialization.SerializationException;

namespace Relay.Messages.Wire;

/// <summary>Stands where Akka's serializer of any type stands: what it would write is not written, and what comes for it is not read.</summary>
/// <remarks>That one makes whatever type the bytes name, which has always been the way to run code in other people's processes.</remarks>
public sealed class RefusedSerializer : Serializer
{
    /// <summary>The number of Akka's <c>json</c>.</summary>
    public const int SerializerId = 1;

    /// <summary>What puts it there, as HOCON.</summary>
    public static readonly string Hocon =
        $"akka.actor {{ serializers.json = \"{typeof(RefusedSerializer).AssemblyQualifiedName}\" }}";

    /// <summary>Made by Akka, which has settings for the one that stood here.</summary>
    public RefusedSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
    }

    /// <inheritdoc/>
    public override int Identifier => SerializerId;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj?.GetType().Name ?? "null"} has no form on the wire");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type? type) => throw new SerializationException("what names its own type is not read");
}

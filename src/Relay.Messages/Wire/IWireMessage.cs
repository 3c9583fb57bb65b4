namespace Relay.Messages.Wire;

/// <summary>Marks what may cross from node to node. Each such type has a <see cref="WireType"/>; nothing else is ever serialized.</summary>
/// <remarks>It names no actor: whoever answers, answers the sender.</remarks>
public interface IWireMessage
{
}

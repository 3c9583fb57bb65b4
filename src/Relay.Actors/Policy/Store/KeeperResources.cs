using Akka.Actor;
using Relay.Actors.Cluster;

namespace Relay.Actors.Policy.Store;

/// <summary>What a node's keeper of a shared document works with.</summary>
/// <param name="Names">The document's actors.</param>
/// <param name="NodeName">The node's name.</param>
/// <param name="Relays">True when the node relays mail.</param>
/// <param name="Shelf">Where the document is kept.</param>
/// <param name="Use">What is done with it.</param>
/// <param name="Time">The clock.</param>
public sealed record KeeperResources(DocumentNames Names, string NodeName, bool Relays, IDocumentShelf Shelf, IDocumentUse Use, TimeProvider Time)
{
    /// <summary>The time limits.</summary>
    public StoreTimes Times { get; init; } = new();

    /// <summary>The keepers of the other nodes.</summary>
    internal IEnumerable<ActorPath> Peers(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        return cluster.State.Members
            .Where(member => ClusterRoles.IsNode(member) && member.Address != cluster.SelfAddress)
            .Select(member => PathOn(member.Address));
    }

    /// <summary>The keeper at an address.</summary>
    internal ActorPath PathOn(Address address) => new RootActorPath(address) / "user" / Names.Keeper;
}

using Akka.Actor;
using Relay.Messages.Policies;

namespace Relay.Actors.Policy.Store;

/// <summary>What a new writer learns before it may write: which version the nodes have, and that a majority obeys it from now on.</summary>
internal sealed class Gathering(long epoch, long writer)
{
    private readonly Dictionary<Address, (DocumentMessages.Held Held, IActorRef Keeper)> _held = [];

    /// <summary>The epoch that it wants to write in.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>How many nodes obey it.</summary>
    public int Count => _held.Count;

    /// <summary>True when a node has not said that it obeys.</summary>
    public bool IsOwed(NodeEntry node) => !_held.ContainsKey(node.Address);

    /// <summary>Takes a node's answer.</summary>
    /// <returns>The epoch to try instead, when the node obeys another writer; null when it obeys this one, or was not asked yet.</returns>
    public long? Take(Address node, DocumentMessages.Held held, IActorRef keeper)
    {
        if (held.Epoch == Epoch && held.Writer == writer)
        {
            _held[node] = (held, keeper);
            return null;
        }

        return held.Epoch >= Epoch ? held.Epoch + 1 : null;
    }

    /// <summary>True when enough is known.</summary>
    public bool IsEnough(NodeBook nodes, bool isLate) =>
        Count >= nodes.Majority && (isLate || nodes.All.All(node => !node.IsReachable || !IsOwed(node)));

    /// <summary>The version in force: the highest that any node has. Null when there is none.</summary>
    public (DocumentHead Head, IActorRef Keeper)? InForce() => Best(static held => held.InForce);

    /// <summary>A version behind it that a former writer may have got agreed on; null when there is none.</summary>
    public (DocumentHead Head, IActorRef Keeper)? LeftBehind()
    {
        var inForce = InForce()?.Head.Version ?? 0;
        return Best(held => held.Accepted is { } head && head.Version > inForce ? head : null);
    }

    private (DocumentHead Head, IActorRef Keeper)? Best(Func<DocumentMessages.Held, DocumentHead?> headOf)
    {
        (DocumentHead Head, IActorRef Keeper)? best = null;
        foreach (var (held, keeper) in _held.Values)
        {
            if (headOf(held) is { } head && head.IsAfter(best?.Head))
            {
                best = (head, keeper);
            }
        }

        return best;
    }
}

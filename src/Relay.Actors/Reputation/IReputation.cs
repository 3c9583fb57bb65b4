using System.Collections.Immutable;
using Relay.Messages.Reputation;

namespace Relay.Actors.Reputation;

/// <summary>What a node knows of how clients behave. Thread-safe; outlives the cluster's actor system.</summary>
public interface IReputation
{
    /// <summary>Takes what other nodes have not been told yet: refusals of this node alone, each client once.</summary>
    /// <param name="clientsMax">Clients at most; the others stay for the next time.</param>
    ImmutableArray<ToldRefusals> TakeNews(int clientsMax);

    /// <summary>A node has come that knows of no penalty: those that are on are told again, for what they have left.</summary>
    void TellAgain();

    /// <summary>Another node has refused these clients.</summary>
    void Learn(ImmutableArray<ToldRefusals> refusals);
}

using Relay.Messages.Wire;
using Relay.Policy.Greylisting;

namespace Relay.Messages.Greylisting;

/// <summary>What a node and the memory of a shard say to each other. What is lost lets a mail pass.</summary>
public static class GreylistMessages
{
    /// <summary>Node to the memory of a network's shard: this triplet has come. Answered with <see cref="TripletJudged"/>.</summary>
    /// <param name="Number">Tells the node's questions apart; echoed.</param>
    /// <param name="Triplet">Who sends to whom.</param>
    /// <param name="Delay">The rule by the policy that the node goes by, above zero.</param>
    /// <param name="RetryWindow">So, too.</param>
    /// <param name="Remember">So, too.</param>
    public sealed record TripletCame(long Number, Triplet Triplet, TimeSpan Delay, TimeSpan RetryWindow, TimeSpan Remember) : IWireMessage;

    /// <summary>Memory to node: what is to become of it.</summary>
    /// <param name="Number">The question's.</param>
    /// <param name="Finding">What is found.</param>
    public sealed record TripletJudged(long Number, GreylistFinding Finding) : IWireMessage;
}

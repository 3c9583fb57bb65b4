using System.Collections.Immutable;
using Relay.Messages.Wire;
using Relay.Policy.Limits;

namespace Relay.Messages.Limits;

/// <summary>A message to the budget of one key, wherever in the cluster it lives.</summary>
public interface IBudgetMessage : IWireMessage
{
    /// <summary>The budget's key: <see cref="LimitKeys"/>.</summary>
    string Key { get; }
}

/// <summary>What a node and the budget of a key say to each other. Lost ones cost under-use, never over-use; but for <see cref="TokensUsed"/>, which tells of what is used already.</summary>
public static class LimitMessages
{
    /// <summary>Shards that budgets are spread over, ten for each of six nodes. It must be the same on all nodes, and for a cluster's whole life.</summary>
    public const int Shards = 60;

    /// <summary>Node to budget: give me tokens; what is given is debited at once. Answered with <see cref="TokensAnswered"/>.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Number">Tells the node's requests apart; echoed.</param>
    /// <param name="Budget">The budget by the policy that the node goes by.</param>
    /// <param name="Need">The fewest tokens that are of use, from 1.</param>
    /// <param name="Want">The most, at least <paramref name="Need"/>.</param>
    public sealed record TokensWanted(string Key, long Number, LimitBudget Budget, long Need, long Want) : IBudgetMessage;

    /// <summary>Budget to node: what you have.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Number">The request's.</param>
    /// <param name="Tokens">Tokens that are the node's now; 0: none.</param>
    /// <param name="RetryAfter">How long until as many as were needed may be there; zero when all that were wanted were given.</param>
    /// <param name="IsFull">True when there are too many budgets to keep this one: its network's takes its place.</param>
    public sealed record TokensAnswered(string Key, long Number, long Tokens, TimeSpan RetryAfter, bool IsFull) : IWireMessage;

    /// <summary>Most budgets in one <see cref="ShardLeft"/>: they fit in one message.</summary>
    public const int OwedMax = 1400;

    /// <summary>Longest time in a <see cref="ShardLeft"/>; whoever owes more owes this.</summary>
    public static readonly TimeSpan OwedTimeMax = TimeSpan.FromDays(100_000);

    /// <summary>Node to shard: can you be reached, and is it known how your budgets begin? Answered with <see cref="ShardProbed"/> as soon as
    /// both is so. It makes the cluster place the shard, and begins no budget.</summary>
    /// <param name="Shard">The shard's number, from 0.</param>
    public sealed record ShardProbe(int Shard) : IWireMessage;

    /// <summary>Shard to node: I can.</summary>
    /// <param name="Shard">The shard's number.</param>
    public sealed record ShardProbed(int Shard) : IWireMessage;

    /// <summary>Node to node: a shard begins here; what do you keep of it? Answered once with <see cref="ShardLeft"/>; what was told is
    /// forgotten.</summary>
    /// <param name="Shard">The shard's number.</param>
    public sealed record ShardWanted(int Shard) : IWireMessage;

    /// <summary>Node to node: this is how a shard was when it left me, moved by the cluster.</summary>
    /// <param name="Shard">The shard's number.</param>
    /// <param name="IsKnown">False: it did not leave me, or not in order; the rest says nothing.</param>
    /// <param name="EmptyFor">Budgets that are not named were empty so long ago; null: they are full.</param>
    /// <param name="Owed">The budgets that are not full, at most <see cref="OwedMax"/>.</param>
    public sealed record ShardLeft(int Shard, bool IsKnown, TimeSpan? EmptyFor, ImmutableArray<OwedBudget> Owed) : IWireMessage;

    /// <summary>Node to budget: these were not used.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Budget">The budget by the policy that the node goes by.</param>
    /// <param name="Tokens">Tokens, from 1.</param>
    public sealed record TokensReturned(string Key, LimitBudget Budget, long Tokens) : IBudgetMessage;

    /// <summary>Node to budget: these were used, and had not been given: of a message that was larger than its sender said, or of the node's
    /// share while you did not answer in time.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Budget">The budget by the policy that the node goes by.</param>
    /// <param name="Tokens">Tokens, from 1.</param>
    /// <param name="Age">How long ago the first of them was used. A budget that was not there then does not count them: it began empty.</param>
    public sealed record TokensUsed(string Key, LimitBudget Budget, long Tokens, TimeSpan Age) : IBudgetMessage;

    /// <summary>Node to node: these are yours for a while, as if the budget had given them to you.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Budget">The budget by the policy that the node goes by.</param>
    /// <param name="Tokens">Tokens; 0: keep what you have for as long again. Answered with <see cref="LoanHeld"/> then.</param>
    public sealed record TokensLent(string Key, LimitBudget Budget, long Tokens) : IWireMessage;

    /// <summary>Node to node: the budget has none or does not answer; what have you? Answered with <see cref="TokensLent"/> when there is something.</summary>
    /// <param name="Key">The budget's key.</param>
    public sealed record LoanWanted(string Key) : IWireMessage;

    /// <summary>Node to node: this is left here of a key of which you have lent something, beside what this node's own mail needs.</summary>
    /// <param name="Key">The budget's key.</param>
    /// <param name="Tokens">Tokens, from 0.</param>
    public sealed record LoanHeld(string Key, long Tokens) : IWireMessage;
}

/// <summary>What a budget owes.</summary>
/// <param name="High">The upper half of the first 16 octets of its key's SHA-256.</param>
/// <param name="Low">The lower half.</param>
/// <param name="FullAfter">How long until it is full, when nobody takes any.</param>
public sealed record OwedBudget(ulong High, ulong Low, TimeSpan FullAfter);

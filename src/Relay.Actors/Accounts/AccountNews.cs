using System.Collections.Immutable;
using Relay.Messages.Accounts;

namespace Relay.Actors.Accounts;

/// <summary>What other nodes have not been told yet. Bounded; not thread-safe.</summary>
internal sealed class AccountNews(int usersMax)
{
    private readonly Dictionary<string, (int Named, int Failed)> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ToldHold> _holds = new(StringComparer.Ordinal);

    /// <summary>Recipients of a user were counted. What finds no room is counted on this node alone.</summary>
    public void Add(string user, int named, int failed)
    {
        if (_counts.TryGetValue(user, out var sum) || _counts.Count < usersMax)
        {
            _counts[user] = (Sum(sum.Named, named), Sum(sum.Failed, failed));
        }
    }

    /// <summary>A user is held, or was let go.</summary>
    public void Add(ToldHold hold)
    {
        if (_holds.ContainsKey(hold.User) || _holds.Count < usersMax)
        {
            _holds[hold.User] = hold;
        }
    }

    /// <summary>Takes as much out as one message may hold; null when there is nothing.</summary>
    public AccountMessages.AccountsTold? Take()
    {
        if (_counts.Count == 0 && _holds.Count == 0)
        {
            return null;
        }

        ImmutableArray<ToldCount> counts =
            [.. _counts.Take(AccountMessages.CountsMax).Select(static count => new ToldCount(count.Key, count.Value.Named, count.Value.Failed))];
        ImmutableArray<ToldHold> holds = [.. _holds.Values.Take(AccountMessages.HoldsMax)];
        foreach (var count in counts)
        {
            _counts.Remove(count.User);
        }

        foreach (var hold in holds)
        {
            _holds.Remove(hold.User);
        }

        return new AccountMessages.AccountsTold(counts, holds);
    }

    private static int Sum(int one, int other) => (int)Math.Min((long)one + other, int.MaxValue);
}

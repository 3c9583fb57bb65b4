using Relay.Policy.Accounts;
using Relay.Policy.Values;

namespace Relay.Actors.Accounts;

/// <summary>What is remembered of users, within a bound: those that were counted longest ago give way. Not thread-safe.</summary>
internal sealed class AccountRecords(int usersMax)
{
    private readonly Dictionary<string, AccountRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Users that are remembered.</summary>
    public int Count => _records.Count;

    /// <summary>What is remembered of a user; null for nothing.</summary>
    public AccountRecord? Find(string user) => _records.GetValueOrDefault(user);

    /// <summary>The same, begun when there is nothing.</summary>
    public AccountRecord FindOrAdd(string user)
    {
        if (_records.TryGetValue(user, out var record))
        {
            return record;
        }

        if (_records.Count >= usersMax)
        {
            foreach (var (name, _) in Oldest.Of(_records, usersMax, static record => record.LastUsed))
            {
                _records.Remove(name);
            }
        }

        record = new AccountRecord();
        _records.Add(user, record);
        return record;
    }
}

using System.Net;

namespace Relay.Policy.Limits;

/// <summary>What one mail, recipient or connection takes of one limit.</summary>
/// <param name="Rule">The limit.</param>
/// <param name="Key">The budget's key: <see cref="LimitKeys"/>.</param>
/// <param name="Cost">Tokens, from 1.</param>
/// <param name="Client">The client, for the budget of its network when there are too many keys.</param>
public sealed record LimitClaim(LimitRule Rule, string Key, long Cost, IPAddress Client)
{
    /// <summary>The same of the budget that takes this one's place when there are too many keys: that of the network, then that of everyone;
    /// null when this is the last.</summary>
    public LimitClaim? Shared() => LimitKeys.IsSharedByAll(Key)
        ? null
        : this with { Key = LimitKeys.IsShared(Key) ? LimitKeys.SharedByAll(Rule.Limit.Name) : LimitKeys.SharedBy(Rule.Limit.Name, Client) };
}

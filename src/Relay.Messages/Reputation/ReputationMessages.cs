using System.Collections.Immutable;
using Relay.Messages.Wire;

namespace Relay.Messages.Reputation;

/// <summary>What nodes tell each other of clients that are refused. A message that is lost costs a count, never more.</summary>
public static class ReputationMessages
{
    /// <summary>Most clients in one message.</summary>
    public const int ClientsMax = 1000;

    /// <summary>Node to node: these clients were refused here since I told you last.</summary>
    /// <param name="Refusals">At most <see cref="ClientsMax"/>, each client once.</param>
    public sealed record RefusalsTold(ImmutableArray<ToldRefusals> Refusals) : IWireMessage;
}

/// <summary>How often a node refused one client in a moment.</summary>
/// <param name="Client">Of IPv6 the upper half of its /64, of IPv4 the address, as a number.</param>
/// <param name="IsIPv6">Which of the two.</param>
/// <param name="Weight">What its refusals count as.</param>
/// <param name="Last">The number of what it did last.</param>
/// <param name="Left">How long a penalty has left that is on, for a node that came later: <paramref name="Weight"/> is 0 then. Else zero.</param>
public sealed record ToldRefusals(ulong Client, bool IsIPv6, int Weight, int Last, TimeSpan Left = default);

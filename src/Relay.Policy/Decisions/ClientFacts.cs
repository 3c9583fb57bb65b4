using System.Net;

namespace Relay.Policy.Decisions;

/// <summary>What is known and proven of a client. Nothing that it merely says, such as its HELO name, is in here.</summary>
/// <param name="Address">The client's address; behind PROXY protocol the one in the header, never the balancer's.</param>
/// <param name="Listener">The name of the listener that it came to.</param>
/// <param name="User">The authenticated user; null without authentication.</param>
public readonly record struct ClientFacts(IPAddress Address, string Listener, string? User)
{
    /// <summary>The address is a balancer's that the listener trusts for PROXY headers: it carries no right, whatever policy says of it.</summary>
    public bool IsBalancer { get; init; }
}

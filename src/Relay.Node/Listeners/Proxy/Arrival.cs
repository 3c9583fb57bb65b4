using System.Net;

namespace Relay.Node.Listeners.Proxy;

/// <summary>Who a connection is from.</summary>
/// <param name="Address">The client's address, IPv4-mapped forms as IPv4: the peer's, or what a balancer says.</param>
/// <param name="IsBalancer">It is the address of a balancer of one of the node's listeners: it carries no right on any.</param>
/// <param name="IsUnknown">Nobody says who the client is: a balancer speaks for itself, or does not know. It may greet and leave.</param>
internal readonly record struct Arrival(IPAddress Address, bool IsBalancer = false, bool IsUnknown = false);

using System.Net;
using Relay.Policy.Documents;
using Relay.Smtp.Addresses;
using Relay.Smtp.Server;

namespace Relay.Policy.Decisions;

/// <summary>A policy, compiled: immutable, safe for any number of threads, and free of allocation where it says yes or no.</summary>
public sealed class PolicySnapshot
{
    private PolicySnapshot(PolicyDocument document, long version)
    {
        Version = version;
        Limits = document.Message;
        Connections = document.Connections;
        Delivery = document.Delivery;
    }

    /// <summary>The document's version; 0 without a policy.</summary>
    public long Version { get; }

    /// <summary>Limits of one message.</summary>
    public MessageLimits Limits { get; }

    /// <summary>Limits of connections.</summary>
    public ConnectionLimits Connections { get; }

    /// <summary>How mail leaves.</summary>
    public DeliveryRules Delivery { get; }

    /// <summary>Compiles a document.</summary>
    /// <param name="document">A valid document.</param>
    /// <param name="version">Its version in the cluster, from 1.</param>
    public static PolicySnapshot Compile(PolicyDocument document, long version) => new(document, version);

    /// <summary>What holds while there is no policy: only loopback clients may relay, and only while every listener is on loopback.</summary>
    /// <remarks>With a listener elsewhere nobody may: a container's port forwarding shows everyone as loopback.</remarks>
    /// <param name="everyListenerIsLoopback">True when each of the node's listeners is bound to a loopback address.</param>
    public static PolicySnapshot WithoutPolicy(bool everyListenerIsLoopback) => throw new NotImplementedException();

    /// <summary>May the client talk to us at all?</summary>
    public Verdict DecideClient(in ClientFacts client) => throw new NotImplementedException();

    /// <summary>May the client send as this sender? Answered at MAIL; the null path is never refused as such (RFC 2505 section 2.6).</summary>
    public Verdict DecideSender(in ClientFacts client, MailPath sender) => throw new NotImplementedException();

    /// <summary>May the client send to this recipient? Answered at RCPT. Mail to accepted domains comes from anyone, everything else needs a right.</summary>
    public Verdict DecideRecipient(in ClientFacts client, MailPath sender, MailPath recipient) => throw new NotImplementedException();

    /// <summary>Where an accepted recipient's mail goes: bare <c>postmaster</c> to the policy's postmaster, every other path is itself.</summary>
    public MailPath ResolveRecipient(MailPath recipient) => throw new NotImplementedException();

    /// <summary>The route for a domain, the most specific one; null: find the next hop by MX.</summary>
    public Route? FindRoute(MailDomain domain) => throw new NotImplementedException();

    /// <summary>May we connect to a next hop that was found by DNS, or named as an address literal by a recipient? Hops that a route names need no leave.</summary>
    public bool MayConnectTo(IPAddress nextHop) => throw new NotImplementedException();

    /// <summary>True for a client of <c>relay.networks</c> (and not of <c>relay.never</c>): exempt from the limits for one client or network.</summary>
    public bool IsRelayNetwork(IPAddress client) => throw new NotImplementedException();

    /// <summary>The decision about a recipient with every step looked at. For people: allocates freely.</summary>
    public PolicyExplanation Explain(in ClientFacts client, MailPath sender, MailPath recipient) => throw new NotImplementedException();
}

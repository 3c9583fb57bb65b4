using System.Net;
using Relay.Policy.Limits;
using Relay.Smtp.Addresses;

namespace Relay.Policy.Greylisting;

/// <summary>Who sends to whom, as greylisting knows it. Of names only digests are kept.</summary>
/// <param name="Network">The client's /24 or /48: what one shard remembers is of whole networks.</param>
/// <param name="Client">Digest of the client's /24 or /64: large senders come again from a neighbour.</param>
/// <param name="Id">Digest of the client, the sender and the recipient.</param>
public readonly record struct Triplet(string Network, ulong Client, UInt128 Id)
{
    /// <summary>The triplet of a recipient.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="sender">The sender; its case does not matter.</param>
    /// <param name="recipient">The recipient; its case does not matter.</param>
    public static Triplet Of(IPAddress client, MailPath sender, MailPath recipient)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(recipient);
        var network = LimitKeys.NetworkOf(client);
        // An IPv4 network is a client, an IPv6 network has 65,536 of them.
        var neighbours = network.Contains(':', StringComparison.Ordinal) ? LimitKeys.ClientOf(client) : network;
        return new Triplet(
            network,
            (ulong)(LimitKeys.DigestOf(neighbours) >> 64),
            LimitKeys.DigestOf($"{neighbours} {sender.Text.ToLowerInvariant()} {recipient.Text.ToLowerInvariant()}"));
    }
}

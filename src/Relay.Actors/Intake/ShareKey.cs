using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Actors.Intake;

/// <summary>Whose share of the spool a mail uses: the user who logged in; else the client's network, and within a network that may relay the sender's domain.</summary>
/// <remarks>A stranger's sender is anyone's: by it an attacker would use up the share of whom it names.</remarks>
/// <param name="User">The user; null without one.</param>
/// <param name="Network">The client's /24 or /64, as its first octets; 0 with a user.</param>
/// <param name="Family">The network's family.</param>
/// <param name="Domain">The sender's domain in a network that may relay, empty for the null path; else null.</param>
public readonly record struct ShareKey(string? User, ulong Network, AddressFamily Family, string? Domain)
{
    /// <summary>The share of the node's own reports, which is never refused: they have limits of their own.</summary>
    public static readonly ShareKey Reports = new(null, 0, AddressFamily.Unspecified, null);

    /// <summary>The network may relay.</summary>
    public bool MayRelay { get; init; }

    /// <summary>It stands for several shares that have a bound of their own together: all /64 of an IPv6 /48, all domains of a network that may relay.</summary>
    public bool IsJoint { get; init; }

    /// <summary>Whoever is known to the operator: a user, or a client that may relay. All others are strangers.</summary>
    public bool IsTrusted => User is not null || MayRelay;

    /// <summary>What bounds this share together with others; null when nothing does.</summary>
    public ShareKey? Joint
    {
        get
        {
            var isIPv6 = Family == AddressFamily.InterNetworkV6;
            return !IsJoint && (isIPv6 || Domain is not null)
                ? this with { Network = isIPv6 ? Network & (ulong.MaxValue << 16) : Network, Domain = null, IsJoint = true }
                : null;
        }
    }

    /// <summary>Whose share it is.</summary>
    /// <param name="client">Who sends.</param>
    /// <param name="sender">The reverse-path.</param>
    /// <param name="policy">Says who may relay.</param>
    public static ShareKey Of(in ClientFacts client, MailPath sender, PolicySnapshot policy)
    {
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(policy);
        if (client.User is { } user)
        {
            return new ShareKey(user, 0, AddressFamily.Unspecified, null);
        }

        Span<byte> octets = stackalloc byte[16];
        client.Address.TryWriteBytes(octets, out var length);
        var isShort = length == 4;
        var network = isShort ? BinaryPrimitives.ReadUInt32BigEndian(octets) & 0xFFFFFF00 : BinaryPrimitives.ReadUInt64BigEndian(octets);
        var mayRelay = policy.MayRelay(client);
        return new ShareKey(
            null,
            network,
            isShort ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6,
            mayRelay ? sender.Domain?.Name ?? string.Empty : null)
        {
            MayRelay = mayRelay,
        };
    }

    /// <summary>For the log: <c>user alice</c>, <c>network 192.0.2.0/24</c>, <c>network 10.0.0.0/24 b.example</c>, <c>reports</c>.</summary>
    public override string ToString()
    {
        if (User is not null)
        {
            return $"user {User}";
        }

        if (Family == AddressFamily.Unspecified)
        {
            return "reports";
        }

        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        var isShort = Family == AddressFamily.InterNetwork;
        if (isShort)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Network);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(octets, Network);
        }

        var network = $"network {new IPAddress(octets[..(isShort ? 4 : 16)])}/{(isShort ? 24 : IsJoint ? 48 : 64)}";
        return Domain is null ? network : $"{network} {(Domain.Length == 0 ? "<>" : Domain)}";
    }
}

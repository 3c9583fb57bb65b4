using System.Collections.Frozen;
using Relay.Messages.Accounts;
using Relay.Messages.Calls;
using Relay.Messages.Cluster;
using Relay.Messages.Greylisting;
using Relay.Messages.Limits;
using Relay.Messages.Policies;
using Relay.Messages.Reputation;

namespace Relay.Messages.Wire;

/// <summary>All that may cross from node to node.</summary>
public static class WireTypes
{
    // In front of what is made of it.
    private static readonly WireType[] Types =
    [
        .. AccountWire.Types,
        .. CallWire.Types,
        .. ClusterWire.Types,
        .. GreylistWire.Types,
        .. LimitWire.Types,
        .. PolicyWire.Types,
        .. ReputationWire.Types,
    ];

    private static readonly FrozenDictionary<Type, WireType> ByType = Types.ToFrozenDictionary(static type => type.Type);
    private static readonly FrozenDictionary<string, WireType> ByManifest = Types.ToFrozenDictionary(static type => type.Manifest, StringComparer.Ordinal);

    /// <summary>Every type, by the folder it belongs to.</summary>
    public static IReadOnlyList<WireType> All => Types;

    /// <summary>The description of a message's type, or null.</summary>
    public static WireType? Of(object message) => message is null ? null : ByType.GetValueOrDefault(message.GetType());

    /// <summary>The description behind a name, or null.</summary>
    public static WireType? Named(string manifest) => ByManifest.GetValueOrDefault(manifest);
}

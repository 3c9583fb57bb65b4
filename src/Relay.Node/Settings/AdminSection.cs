using System.Net;

namespace Relay.Node.Settings;

/// <summary>The HTTP side of the node: API, <c>/metrics</c>, <c>/health</c>.</summary>
public sealed record AdminSection
{
    /// <summary>Where it listens; port 0 means a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 8025);

    /// <summary>Must be true before an address that is not loopback is served without TLS: the token travels in it.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>The certificate of the API; null without one. Not in force in this version.</summary>
    public TlsSection? Tls { get; init; }

    /// <summary>Where <see cref="Address"/> is set. Not a key: it is found, not set.</summary>
    internal SettingPlace AddressPlace { get; init; } = new(SettingPlace.Defaults, null, $"{nameof(NodeSettings.Admin)}:{nameof(Address)}");
}

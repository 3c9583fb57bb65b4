using System.Net;
using Relay.Policy.Values;

namespace Relay.Node.Settings;

/// <summary>One address at which mail is received.</summary>
public sealed record ListenerSettings
{
    /// <summary>Longest <see cref="Name"/>, in characters.</summary>
    public const int NameCharactersMax = 64;

    /// <summary>The name that the policy and the log know it by; each listener has its own.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Where it listens; port 0 means a free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 2525);

    /// <summary>Whether conversations are encrypted; all but <see cref="TlsMode.None"/> need the settings' <c>Tls</c> section.</summary>
    public TlsMode Tls { get; init; }

    /// <summary>Whether senders prove who they are; needs <see cref="Tls"/>.</summary>
    public AuthenticationMode Authentication { get; init; }

    /// <summary>The balancers in front of this listener; null without one.</summary>
    public ProxyProtocolSection? ProxyProtocol { get; init; }

    /// <summary>The network device that connections must come in over; null for any.</summary>
    public string? Device { get; init; }

    /// <summary>Where <see cref="Address"/> is set. Not a key: it is found, not set.</summary>
    internal SettingPlace AddressPlace { get; init; } = new(SettingPlace.Defaults, null, $"{nameof(NodeSettings.Listeners)}:0:{nameof(Address)}");

    /// <summary>Where <see cref="Authentication"/> is set. Not a key: it is found, not set.</summary>
    internal SettingPlace AuthenticationPlace { get; init; } =
        new(SettingPlace.Defaults, null, $"{nameof(NodeSettings.Listeners)}:0:{nameof(Authentication)}");

    /// <summary>Where <see cref="Device"/> is set. Not a key: it is found, not set.</summary>
    internal SettingPlace DevicePlace { get; init; } = new(SettingPlace.Defaults, null, $"{nameof(NodeSettings.Listeners)}:0:{nameof(Device)}");
}

/// <summary>Whether a listener encrypts (RFC 3207, RFC 8314).</summary>
public enum TlsMode
{
    /// <summary>Never.</summary>
    None,

    /// <summary>STARTTLS is offered.</summary>
    Offered,

    /// <summary>No mail before STARTTLS.</summary>
    Required,

    /// <summary>TLS from the first byte.</summary>
    Implicit,
}

/// <summary>Whether a listener has senders log in (RFC 4954).</summary>
public enum AuthenticationMode
{
    /// <summary>AUTH does not exist here.</summary>
    None,

    /// <summary>AUTH is offered.</summary>
    Offered,

    /// <summary>No mail before AUTH.</summary>
    Required,
}

/// <summary>The PROXY protocol header that a balancer puts before each conversation.</summary>
public sealed record ProxyProtocolSection
{
    /// <summary>The balancers, at least one: a header is mandatory, and only they are let in. Their own addresses carry no right.</summary>
    public IReadOnlyList<NetworkRange> Trusted { get; init; } = [];

    /// <summary>True for the address of one of the balancers.</summary>
    public bool Trusts(IPAddress address)
    {
        for (var i = 0; i < Trusted.Count; i++)
        {
            if (Trusted[i].Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

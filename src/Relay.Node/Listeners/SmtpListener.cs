using System.Net;
using Relay.Node.Listeners.Proxy;
using Relay.Node.Settings;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>One listener: its name in policy and logs, and the options of its dialogues.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">What its dialogues have in common.</param>
/// <param name="BeginsWithTls">TLS comes before the greeting (RFC 8314 section 3.3).</param>
/// <param name="Entrance">Learns who clients are from the balancers in front of it; null without any.</param>
/// <param name="IsBalancer">Whether an address is a balancer's, of this listener or of another one of the node: it carries no right on any.</param>
internal sealed record SmtpListener(
    string Name, ServerDialogueOptions Options, bool BeginsWithTls, ProxyEntrance? Entrance, Func<IPAddress, bool> IsBalancer)
{
    /// <summary>The options for a client that nobody knows: there is nothing that it could log in for.</summary>
    public ServerDialogueOptions OptionsForUnknown { get; } = Options with { OfferAuthentication = false, RequireAuthentication = false };

    /// <summary>The listener that settings describe.</summary>
    /// <param name="settings">The listener's.</param>
    /// <param name="hostName">Our name in greetings.</param>
    /// <param name="isBalancer">Whether an address is a balancer's of any listener of the node.</param>
    public static SmtpListener Of(ListenerSettings settings, string hostName, Func<IPAddress, bool> isBalancer) => new(
        settings.Name,
        new ServerDialogueOptions
        {
            HostName = hostName,
            OfferStartTls = settings.Tls is TlsMode.Offered or TlsMode.Required,
            RequireTls = settings.Tls is TlsMode.Required,
            OfferAuthentication = settings.Authentication != AuthenticationMode.None,
            RequireAuthentication = settings.Authentication == AuthenticationMode.Required,
        },
        settings.Tls is TlsMode.Implicit,
        settings.ProxyProtocol is { } balancers ? new ProxyEntrance(balancers, isBalancer) : null,
        isBalancer);
}

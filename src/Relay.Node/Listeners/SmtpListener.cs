using Relay.Node.Settings;
using Relay.Smtp.Server;

namespace Relay.Node.Listeners;

/// <summary>One listener: its name in policy and logs, and the options of its dialogues.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">What its dialogues have in common.</param>
/// <param name="BeginsWithTls">TLS comes before the greeting (RFC 8314 section 3.3).</param>
internal sealed record SmtpListener(string Name, ServerDialogueOptions Options, bool BeginsWithTls)
{
    /// <summary>The listener that settings describe.</summary>
    public static SmtpListener Of(ListenerSettings settings, string hostName) => new(
        settings.Name,
        new ServerDialogueOptions
        {
            HostName = hostName,
            OfferStartTls = settings.Tls is TlsMode.Offered or TlsMode.Required,
            RequireTls = settings.Tls is TlsMode.Required,
            OfferAuthentication = settings.Authentication != AuthenticationMode.None,
            RequireAuthentication = settings.Authentication == AuthenticationMode.Required,
        },
        settings.Tls is TlsMode.Implicit);
}

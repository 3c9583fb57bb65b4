using Relay.Messages.Destinations;
using Relay.Policy.Decisions;
using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>What one connection demands of TLS. The only place that decides it; whatever else asks for TLS joins here.</summary>
/// <param name="Level">The level that holds.</param>
/// <param name="IsFallback">It holds because a connection with a higher one broke over TLS.</param>
internal readonly record struct TlsDemand(TlsLevel Level, bool IsFallback = false)
{
    /// <summary>When the dialogue asks for STARTTLS.</summary>
    public StartTlsUse Use => Level switch
    {
        TlsLevel.None => StartTlsUse.Never,
        TlsLevel.May => StartTlsUse.WhenOffered,
        _ => StartTlsUse.Required,
    };

    /// <summary>The peer's certificate must be valid for its host.</summary>
    public bool MustVerify => Level == TlsLevel.Verify;

    /// <summary>The demand of another connection when one broke over STARTTLS or its handshake; null: there is none.</summary>
    public TlsDemand? Fallback => Level == TlsLevel.May ? new TlsDemand(TlsLevel.None, IsFallback: true) : null;

    /// <summary>The demand of a destination's connections.</summary>
    /// <param name="destination">Has what the policy says.</param>
    /// <param name="hasCredentials">A password is to be told, so nothing goes without TLS.</param>
    public static TlsDemand Of(DestinationKey destination, bool hasCredentials) =>
        new(hasCredentials && destination.Tls < TlsLevel.Encrypt ? TlsLevel.Encrypt : destination.Tls);
}

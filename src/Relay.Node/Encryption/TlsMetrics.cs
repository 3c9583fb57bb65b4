using System.Diagnostics.Metrics;
using Relay.Actors.Metrics;

namespace Relay.Node.Encryption;

/// <summary>How a handshake ended.</summary>
internal enum HandshakeResult
{
    /// <summary>The conversation is encrypted.</summary>
    Succeeded,

    /// <summary>The client and we did not come together, or it took too long.</summary>
    Failed,

    /// <summary>As many handshakes were on as may be.</summary>
    Refused,
}

/// <summary>What a node counts of TLS with clients.</summary>
internal sealed class TlsMetrics : IDisposable
{
    private static readonly HandshakeResult[] Results = Enum.GetValues<HandshakeResult>();

    private readonly Meter _meter;
    private readonly Counter<long> _handshakes;

    /// <summary>Registers the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="expiry">Reads when the certificate in force ends.</param>
    public TlsMetrics(MeterScope meters, Func<DateTimeOffset> expiry)
    {
        _meter = meters.Make();
        _handshakes = _meter.CreateCounter<long>("relay_tls_handshakes", description: "TLS handshakes with SMTP clients, by result.");
        _meter.CreateObservableGauge(
            "relay_tls_certificate_expiry_seconds",
            () => expiry().ToUnixTimeSeconds(),
            description: "When the listeners' certificate expires, in seconds since 1970.");
    }

    /// <summary>Makes every series exist, at 0.</summary>
    public void StartSeries()
    {
        foreach (var result in Results)
        {
            Handshake(result, 0);
        }
    }

    /// <summary>A handshake is over.</summary>
    public void Handshake(HandshakeResult result, int count = 1) =>
        _handshakes.Add(count, new KeyValuePair<string, object?>("result", NameOf(result)));

    public void Dispose() => _meter.Dispose();

    private static string NameOf(HandshakeResult result) => result switch
    {
        HandshakeResult.Succeeded => "succeeded",
        HandshakeResult.Failed => "failed",
        _ => "refused",
    };
}

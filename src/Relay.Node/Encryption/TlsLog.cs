using System.Net;
using Relay.Node.Logging;

namespace Relay.Node.Encryption;

/// <summary>The log of certificates and handshakes. Event ids 2100 to 2199; the next free one is 2106.</summary>
internal sealed partial class TlsLog
{
    private readonly ILogger<TlsLog> _logger;

    public TlsLog(ILogger<TlsLog> logger)
    {
        _logger = logger;
    }

    [LoggerMessage(EventId = 2100, Level = LogLevel.Information, Message = "tls: certificate \"{Subject:l}\" is in force, expires {Expires:yyyy-MM-dd HH:mm:ss}Z")]
    public partial void InForce(string subject, DateTime expires);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "tls: the files have changed and are not used: {Reason:l}; \"{Subject:l}\" stays in force")]
    public partial void NotUsed(string reason, string subject);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "tls: {Reason:l}: clients that look at it will not send")]
    public partial void NotValidNow(string reason);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Information, Message = "tls: new {What:l}: certificate \"{Subject:l}\" is in force, expires {Expires:yyyy-MM-dd HH:mm:ss}Z")]
    public partial void Changed(string what, string subject, DateTime expires);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Warning, Message = "tls: no handshake works with this certificate: {Reason:l}")]
    public partial void RehearsalFailed(string reason);

    public void HandshakesFailed(long count, IPAddress client, string cause)
    {
        var words = LogText.Safe(cause); // a line a minute, so it costs nothing to be ready for it
        WriteHandshakesFailed(count, client, words);
    }

    [LoggerMessage(EventId = 2103, Level = LogLevel.Information, Message = "tls: handshakes failed={Count} last-client={Client} cause=\"{Cause:l}\"")]
    private partial void WriteHandshakesFailed(long count, IPAddress client, string cause);
}

using System.Net;
using Relay.Node.Logging;

namespace Relay.Node.Authentication;

/// <summary>The log of logins. Event ids 2100 to 2109; the next free one is 2102.</summary>
/// <remarks>The limits of failed logins bound it; those that they refuse are in the log of refusals.</remarks>
internal sealed partial class LoginLog
{
    private readonly ILogger<LoginLog> _logger;

    public LoginLog(ILogger<LoginLog> logger)
    {
        _logger = logger;
    }

    public void Failed(IPAddress client, string user, string mechanism, string listener)
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            var shown = LogText.Safe(user);
            WriteFailed(client, shown, mechanism, listener);
        }
    }

    [LoggerMessage(EventId = 2100, Level = LogLevel.Information, Message =
        "login user={User:l} client={Client} mechanism={Mechanism:l} listener={Listener}")]
    public partial void LoggedIn(IPAddress client, string user, string mechanism, string listener);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message =
        "login failed user=\"{User:l}\" client={Client} mechanism={Mechanism:l} listener={Listener}")]
    private partial void WriteFailed(IPAddress client, string user, string mechanism, string listener);
}

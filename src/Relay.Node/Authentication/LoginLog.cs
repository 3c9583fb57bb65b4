using System.Net;

namespace Relay.Node.Authentication;

/// <summary>The log of logins. Event ids 2200 to 2299; the next free one is 2201.</summary>
/// <remarks>A login that fails is in the log of refusals, with user and mechanism: that one cannot be flooded.</remarks>
internal sealed partial class LoginLog
{
    private readonly ILogger<LoginLog> _logger;

    public LoginLog(ILogger<LoginLog> logger)
    {
        _logger = logger;
    }

    [LoggerMessage(EventId = 2200, Level = LogLevel.Information, Message =
        "login user={User:l} client={Client} mechanism={Mechanism:l} listener={Listener}")]
    public partial void LoggedIn(IPAddress client, string user, string mechanism, string listener);
}

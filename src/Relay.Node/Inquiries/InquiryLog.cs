namespace Relay.Node.Inquiries;

/// <summary>What is worth knowing of DNS lists. Event ids 3800 to 3899; the next free one is 3803.</summary>
internal sealed partial class InquiryLog
{
    private readonly ILogger _logger;

    public InquiryLog(ILogger logger)
    {
        _logger = logger;
    }

    [LoggerMessage(EventId = 3800, Level = LogLevel.Warning, Message = "dns list {Zone}: not used for {Clients} clients: {Reason}")]
    public partial void ListNotUsed(string zone, string clients, string reason);

    [LoggerMessage(EventId = 3801, Level = LogLevel.Warning, Message = "dns list {Zone}: used again for {Clients} clients")]
    public partial void ListUsedAgain(string zone, string clients);

    [LoggerMessage(EventId = 3802, Level = LogLevel.Information, Message = "dns list {Zone}: not used for IPv6 clients, of whom it knows nothing")]
    public partial void ListWithoutIPv6(string zone);
}

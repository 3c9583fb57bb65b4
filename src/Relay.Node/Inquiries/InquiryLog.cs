using System.Net;
using Relay.Node.Logging;

namespace Relay.Node.Inquiries;

/// <summary>What is worth knowing of DNS lists and whom they list. Event ids 3800 to 3899; the next free one is 3807. Thread-safe.</summary>
internal sealed partial class InquiryLog
{
    /// <summary>Lines about listed clients in one <see cref="LineInterval"/>. Default 100; the rest are a number.</summary>
    public const int LinesMax = 100;

    /// <summary>How long these lines are counted. Default 1 minute.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger;
    private readonly LineBudget _listed;

    public InquiryLog(ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _listed = new LineBudget(LinesMax, LineInterval, time, WriteListedMore);
    }

    /// <summary>A list has a client whose mail is taken all the same.</summary>
    /// <param name="client">The client.</param>
    /// <param name="listener">The listener that it came to.</param>
    /// <param name="rule">The rule of the policy that names the list.</param>
    public void Listed(IPAddress client, string listener, string rule)
    {
        if (_listed.TryTake())
        {
            WriteListed(client, listener, rule);
        }
    }

    [LoggerMessage(EventId = 3800, Level = LogLevel.Warning, Message = "dns list {Zone}: not used for {Clients} clients: {Reason}")]
    public partial void ListNotUsed(string zone, string clients, string reason);

    [LoggerMessage(EventId = 3801, Level = LogLevel.Warning, Message = "dns list {Zone}: used again for {Clients} clients")]
    public partial void ListUsedAgain(string zone, string clients);

    [LoggerMessage(EventId = 3802, Level = LogLevel.Information, Message = "dns list {Zone}: not used for IPv6 clients, of whom it knows nothing")]
    public partial void ListWithoutIPv6(string zone);

    [LoggerMessage(EventId = 3805, Level = LogLevel.Warning, Message = "listed own-address={Address} zone={Zone:l} answers=\"{Answers:l}\"")]
    public partial void OwnAddressListed(IPAddress address, string zone, string answers);

    [LoggerMessage(EventId = 3806, Level = LogLevel.Information, Message = "listed no more own-address={Address} zone={Zone:l}")]
    public partial void OwnAddressFree(IPAddress address, string zone);

    [LoggerMessage(EventId = 3803, Level = LogLevel.Information, Message = "listed client={Client} listener={Listener} rule={Rule}")]
    private partial void WriteListed(IPAddress client, string listener, string rule);

    [LoggerMessage(EventId = 3804, Level = LogLevel.Information, Message = "listed more={Count}")]
    private partial void WriteListedMore(long count);
}

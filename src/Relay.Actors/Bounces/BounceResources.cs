using Relay.Actors.Logging;
using Relay.Spool;

namespace Relay.Actors.Bounces;

/// <summary>What reports are made with.</summary>
/// <param name="Spool">Holds the messages that are reported of, and takes the reports.</param>
/// <param name="HostName">Our name.</param>
/// <param name="MailLog">Is told of every report.</param>
/// <param name="Time">The clock.</param>
public sealed record BounceResources(SpoolStore Spool, string HostName, IMailLog MailLog, TimeProvider Time)
{
    /// <summary>How many reports may be made.</summary>
    public BounceLimits Limits { get; init; } = new();
}

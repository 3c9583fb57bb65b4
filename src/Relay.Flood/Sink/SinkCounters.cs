namespace Relay.Flood.Sink;

/// <summary>What a sink has done so far.</summary>
/// <param name="Connections">Connections accepted.</param>
/// <param name="OpenConnections">Connections open now.</param>
/// <param name="Messages">Messages accepted, dropped ones of <see cref="SinkPlace.AfterDot"/> included.</param>
/// <param name="Recipients">Recipients of accepted messages.</param>
/// <param name="Bytes">Content octets of accepted messages, un-stuffed.</param>
/// <param name="FaultReplies">Refusals given because of <see cref="SinkSettings.Faults"/>.</param>
/// <param name="Drops">Connections closed because of <see cref="SinkSettings.DropAt"/>.</param>
/// <param name="Failures">Messages that could not be kept and connections that ended by an unexpected error; see
/// <see cref="SmtpSink.FirstFailure"/>.</param>
/// <param name="Busy">Time from the first accepted message to the last.</param>
public readonly record struct SinkCounters(
    long Connections,
    int OpenConnections,
    long Messages,
    long Recipients,
    long Bytes,
    long FaultReplies,
    long Drops,
    long Failures,
    TimeSpan Busy);

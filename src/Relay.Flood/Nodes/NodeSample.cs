namespace Relay.Flood.Nodes;

/// <summary>What a node is at, at one moment; null is what is not known.</summary>
/// <param name="At">Since the run began.</param>
/// <param name="CpuSeconds">User and system time of its process so far.</param>
/// <param name="Memory">Octets resident.</param>
/// <param name="Spool">Octets of the spool's files.</param>
/// <param name="Mail">Octets in them that mail takes.</param>
/// <param name="Log">Octets of its log.</param>
internal readonly record struct NodeSample(TimeSpan At, double? CpuSeconds, double? Memory, double? Spool, double? Mail, double? Log);

namespace Relay.Smtp.Server;

/// <summary>What one message may be at most; the policy sets it.</summary>
/// <param name="SizeMax">Content octets with CRLFs and without dot-stuffing (RFC 1870 section 3).</param>
/// <param name="RecipientsMax">Accepted recipients of one message; RFC 5321 asks for at least 100.</param>
/// <param name="HopsMax">A message with this many <c>Received</c> fields is a loop (RFC 5321 section 6.3).</param>
public readonly record struct MessageLimits(long SizeMax, int RecipientsMax, int HopsMax);

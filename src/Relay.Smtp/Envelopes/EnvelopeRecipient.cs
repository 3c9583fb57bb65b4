using Relay.Smtp.Addresses;

namespace Relay.Smtp.Envelopes;

/// <summary>One recipient of a message.</summary>
/// <param name="Path">Where it goes. Routing uses this and nothing else, never <paramref name="OriginalRecipient"/>.</param>
/// <param name="Notify">NOTIFY (RFC 3461).</param>
/// <param name="OriginalRecipient">ORCPT as sent, <c>type;xtext</c>, at most 500 characters (RFC 3461); null when not given.</param>
public sealed record EnvelopeRecipient(MailPath Path, DsnNotify Notify, string? OriginalRecipient);

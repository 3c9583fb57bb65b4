using Relay.Smtp.Addresses;

namespace Relay.Smtp.Envelopes;

/// <summary>Who sends a message, to whom, and with which parameters.</summary>
/// <param name="Sender">The reverse-path; <see cref="MailPath.Null"/> for notifications.</param>
/// <param name="Parameters">The parameters of MAIL FROM.</param>
/// <param name="Recipients">The accepted recipients in the order they were sent.</param>
public sealed record Envelope(MailPath Sender, MailParameters Parameters, IReadOnlyList<EnvelopeRecipient> Recipients);

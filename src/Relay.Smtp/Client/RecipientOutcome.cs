using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>The fate of one recipient in one attempt.</summary>
/// <param name="Kind">Delivered, to be tried again, or never.</param>
/// <param name="Stage">Where it was decided.</param>
/// <param name="Reply">The peer's reply word for word; ours when none was had.</param>
public sealed record RecipientOutcome(OutcomeKind Kind, ClientStage Stage, SmtpReply Reply);

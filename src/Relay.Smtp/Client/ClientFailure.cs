using Relay.Smtp.Replies;

namespace Relay.Smtp.Client;

/// <summary>Why a connection cannot be used any more.</summary>
/// <param name="Stage">Where it broke.</param>
/// <param name="Reply">The peer's reply (a 5xx greeting means that this host refuses us), or ours (4xx) when none was had.</param>
public readonly record struct ClientFailure(ClientStage Stage, SmtpReply Reply);

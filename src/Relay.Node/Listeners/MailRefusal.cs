using Relay.Smtp.Replies;

namespace Relay.Node.Listeners;

/// <summary>Why a mail is not taken.</summary>
/// <param name="Reply">What the client is told.</param>
/// <param name="Rule">The rule that decided, for the log.</param>
internal readonly record struct MailRefusal(SmtpReply Reply, string Rule);

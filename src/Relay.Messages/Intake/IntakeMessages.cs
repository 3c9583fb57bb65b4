using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;
using Relay.Smtp.Replies;

namespace Relay.Messages.Intake;

/// <summary>Admission before a body is taken: room is held first, and given back when the mail has ended.</summary>
public static class IntakeMessages
{
    /// <summary>Hold room for a body. Answered with <see cref="SpaceReserved"/> or <see cref="SpaceRefused"/>, at once or when others have given room back.</summary>
    /// <param name="Number">The asker's own number of the mail, given back in the answer.</param>
    /// <param name="Client">Who sends it.</param>
    /// <param name="Sender">The reverse-path.</param>
    /// <param name="Policy">The policy of the mail.</param>
    /// <param name="DeclaredBytes">SIZE= of MAIL in octets, or null when the client declared none.</param>
    public sealed record ReserveSpace(long Number, ClientFacts Client, MailPath Sender, PolicySnapshot Policy, long? DeclaredBytes);

    /// <summary>The room is held until the hold is released.</summary>
    /// <param name="Number">The number of the request.</param>
    /// <param name="Hold">What is held.</param>
    public sealed record SpaceReserved(long Number, ISpaceHold Hold);

    /// <summary>There is no room; nothing is held.</summary>
    /// <param name="Number">The number of the request.</param>
    /// <param name="Reply">What the client is told.</param>
    /// <param name="Reason">The rule that decided, for the log.</param>
    public sealed record SpaceRefused(long Number, SmtpReply Reply, string Reason);
}

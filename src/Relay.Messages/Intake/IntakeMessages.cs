using Relay.Smtp.Replies;

namespace Relay.Messages.Intake;

/// <summary>Admission before a body is taken: room is reserved first, and given back when the mail has ended.</summary>
public static class IntakeMessages
{
    /// <summary>Reserve room for a body. Answered with <see cref="SpaceReserved"/> or <see cref="SpaceRefused"/>.</summary>
    /// <param name="Number">The asker's own number of the mail, given back in the answer.</param>
    /// <param name="DeclaredBytes">SIZE= of MAIL in octets, or null when the client declared none.</param>
    public sealed record ReserveSpace(long Number, long? DeclaredBytes);

    /// <summary>The room is held until <see cref="ReleaseSpace"/>.</summary>
    /// <param name="Number">The number of the request.</param>
    /// <param name="Bytes">What is held, in octets.</param>
    public sealed record SpaceReserved(long Number, long Bytes);

    /// <summary>There is no room now; nothing is held.</summary>
    public sealed record SpaceRefused(long Number, SmtpReply Reply, string Reason);

    /// <summary>The mail has ended, well or badly: its room is free again.</summary>
    /// <param name="Bytes">As <see cref="SpaceReserved"/> gave it.</param>
    public sealed record ReleaseSpace(long Bytes);
}

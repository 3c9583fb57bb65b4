using Relay.Smtp.Replies;

namespace Relay.Messages.Intake;

/// <summary>Room in the spool that is held for one mail on its way. Thread-safe.</summary>
public interface ISpaceHold
{
    /// <summary>What is held, in octets.</summary>
    long Bytes { get; }

    /// <summary>The mail is too slow for what is held for it, and others wait for that: it is to be ended for now.</summary>
    bool MustGiveWay { get; }

    /// <summary>Tells how much of the mail is here.</summary>
    /// <param name="bytes">Octets of content so far.</param>
    void Arrived(long bytes);

    /// <summary>Holds more, for a mail that is larger than it was said to be.</summary>
    /// <param name="bytes">What is to be held in all at the least, in octets.</param>
    /// <param name="spare">Octets more, if there is room for them: then the next call comes later.</param>
    /// <returns>Null when it is held, else the refusal, which is counted; what was held before stays.</returns>
    SpaceRefusal? GrowTo(long bytes, long spare = 0);

    /// <summary>The mail has come whole: gives back what it did not need, before its sender hears of it and begins the next, and gives way no more. Never holds more.</summary>
    /// <param name="bytes">What is still to be held, in octets.</param>
    void ShrinkTo(long bytes);

    /// <summary>Gives the room back. Every call but the first does nothing.</summary>
    void Release();
}

/// <summary>Why no more room is held for a mail.</summary>
/// <param name="Reply">What the client is told.</param>
/// <param name="Reason">The rule that decided, for the log.</param>
public sealed record SpaceRefusal(SmtpReply Reply, string Reason);

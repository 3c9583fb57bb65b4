using Relay.Smtp.Replies;

namespace Relay.Messages.Intake;

/// <summary>Room in the spool that is held for one mail on its way. Thread-safe.</summary>
public interface ISpaceHold
{
    /// <summary>What is held, in octets.</summary>
    long Bytes { get; }

    /// <summary>Holds more, for a mail that is larger than it was said to be.</summary>
    /// <param name="bytes">What is to be held in all at the least, in octets.</param>
    /// <param name="spare">Octets more, if there is room for them: then the next call comes later.</param>
    /// <returns>Null when it is held, else the reply to give; what was held before stays.</returns>
    SmtpReply? GrowTo(long bytes, long spare = 0);

    /// <summary>Gives back what the mail did not need, before its sender hears of it and begins the next. Never holds more.</summary>
    /// <param name="bytes">What is still to be held, in octets.</param>
    void ShrinkTo(long bytes);

    /// <summary>Gives the room back. Every call but the first does nothing.</summary>
    void Release();
}

using Relay.Smtp.Replies;

namespace Relay.Smtp.Server;

/// <summary>What a refusal was about.</summary>
public enum RefusalPlace
{
    /// <summary>A command, MAIL included, or the connection as a whole.</summary>
    Command,

    /// <summary>One recipient.</summary>
    Recipient,

    /// <summary>A message whose recipients had been accepted.</summary>
    Message,
}

/// <summary>Hears of every refusal of a <see cref="ServerDialogue"/>, its own and its owner's, so that none goes unseen but those that only follow from a MAIL refused for now.</summary>
public interface IRefusalObserver
{
    /// <summary>A 4xx or 5xx was written; 421 also ends the connection. Called while the dialogue works: it must not be used here.</summary>
    void Refused(RefusalPlace place, SmtpReply reply);
}

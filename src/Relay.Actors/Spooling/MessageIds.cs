using Relay.Messages.Ids;
using Relay.Spool;

namespace Relay.Actors.Spooling;

/// <summary>The spool's name of an entry and the mail's name of a message are the same two numbers.</summary>
public static class MessageIds
{
    /// <summary>The message that a spool entry holds.</summary>
    public static MessageId ToMessageId(this EntryId id) => new(id.Owner, id.Sequence);

    /// <summary>The spool entry that holds a message.</summary>
    public static EntryId ToEntryId(this MessageId id) => new(id.Owner, id.Sequence);
}

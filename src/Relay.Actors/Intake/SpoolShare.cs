namespace Relay.Actors.Intake;

/// <summary>What one sender, or several together, have in the spool, and on its way there. Changed by <see cref="SpoolShares"/> only.</summary>
public sealed class SpoolShare
{
    internal SpoolShare(ShareKey key, SpoolShare? joint) => (Key, Joint) = (key, joint);

    /// <summary>Whose it is.</summary>
    public ShareKey Key { get; }

    /// <summary>What it has together with others (<see cref="ShareKey.Joint"/>); null when nothing bounds that.</summary>
    public SpoolShare? Joint { get; }

    /// <summary>Octets of its mail in the queue.</summary>
    public long StoredBytes { get; internal set; }

    /// <summary>Its messages in the queue.</summary>
    public long StoredMessages { get; internal set; }

    /// <summary>Octets held for its mail on its way.</summary>
    public long HeldBytes { get; internal set; }

    /// <summary>Its mails on their way.</summary>
    public long HeldMails { get; internal set; }

    /// <summary>All its octets.</summary>
    public long Bytes => StoredBytes + HeldBytes;

    /// <summary>All its messages.</summary>
    public long Messages => StoredMessages + HeldMails;
}

namespace Relay.Actors.Intake;

/// <summary>What one sender has in the spool, and on its way there. Changed by <see cref="SpoolShares"/> only.</summary>
public sealed class SpoolShare
{
    internal SpoolShare(ShareKey key) => Key = key;

    /// <summary>Whose it is.</summary>
    public ShareKey Key { get; }

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

using Relay.Messages.Policies;

namespace Relay.Actors.Policy.Store;

/// <summary>Where a node keeps a shared document. Whatever is saved outlives the process. Called by one caller at a time, off the actors' threads.</summary>
public interface IDocumentShelf
{
    /// <summary>Whom the node obeys.</summary>
    WriterPromise Promise { get; }

    /// <summary>The version that was put in force last; null without any.</summary>
    StoredDocument? InForce { get; }

    /// <summary>The version that was accepted and is not known to be agreed on; null without any.</summary>
    StoredDocument? Accepted { get; }

    /// <summary>True when what was in force cannot be read: until the node has another copy it has no voice in what is.</summary>
    bool IsDamaged { get; }

    /// <summary>Saves whom the node obeys.</summary>
    /// <exception cref="IOException">It is not on the disk.</exception>
    void Save(WriterPromise promise);

    /// <summary>Saves a version that is not agreed on yet.</summary>
    /// <exception cref="IOException">It is not on the disk.</exception>
    void SaveAccepted(StoredDocument document);

    /// <summary>Saves a version that is in force; what was accepted before is no longer needed.</summary>
    /// <exception cref="IOException">It is not on the disk; <see cref="InForce"/> has it all the same.</exception>
    void SaveInForce(StoredDocument document);

    /// <summary>Forgets what was accepted: it was not agreed on, and never will be.</summary>
    /// <exception cref="IOException">The disk has it still.</exception>
    void DropAccepted();
}

/// <summary>A version of a shared document.</summary>
/// <param name="Head">What is known of it.</param>
/// <param name="Body">Its octets.</param>
public sealed record StoredDocument(DocumentHead Head, ReadOnlyMemory<byte> Body);

/// <summary>Whom a node obeys: no writer of a lower epoch, and no other one of the same.</summary>
/// <param name="Epoch">The epoch; 0 for none yet.</param>
/// <param name="Writer">The writer.</param>
public readonly record struct WriterPromise(long Epoch, long Writer)
{
    /// <summary>True when the node may do what a writer asks for.</summary>
    public bool Allows(long epoch, long writer) => epoch > Epoch || (epoch == Epoch && writer == Writer);
}

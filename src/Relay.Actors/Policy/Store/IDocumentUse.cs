using System.Collections.Immutable;
using Relay.Messages.Policies;
using Relay.Policy.Documents;

namespace Relay.Actors.Policy.Store;

/// <summary>What a node does with a shared document. Thread-safe.</summary>
public interface IDocumentUse
{
    /// <summary>Checks a version and makes it ready, without putting it in force.</summary>
    /// <param name="document">The version.</param>
    Task<DocumentCheck> CheckAsync(StoredDocument document);

    /// <summary>The cluster has said which version holds, and this node has it in force.</summary>
    /// <param name="head">The version; null when the cluster has none.</param>
    void Confirmed(DocumentHead? head);

    /// <summary>The cluster is out of sight: what is in force stays so, and may not be the newest.</summary>
    void Lost();

    /// <summary>A version that the cluster agreed on cannot be put in force here, or not be kept.</summary>
    void Failed(DocumentHead head, string problem);
}

/// <summary>What came of checking a version.</summary>
/// <param name="Errors">Why it cannot be put in force here at all.</param>
/// <param name="Objections">Why it should not be agreed on, though it could be put in force.</param>
/// <param name="Apply">Puts it in force at once; null exactly when there are errors. Neither waits nor throws.</param>
public sealed record DocumentCheck(ImmutableArray<PolicyError> Errors, ImmutableArray<PolicyError> Objections, Action? Apply);

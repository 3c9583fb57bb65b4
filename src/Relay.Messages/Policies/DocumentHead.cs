using System.Security.Cryptography;

namespace Relay.Messages.Policies;

/// <summary>What is known of one version of a shared document, without the document itself.</summary>
/// <param name="Epoch">Counts the writers that the cluster has had; the one that this version was written under.</param>
/// <param name="Version">Counts the changes that the whole cluster agreed on; each version is one document, and no other.</param>
/// <param name="Digest">SHA-256 of the document's octets, in lower-case hexadecimal.</param>
/// <param name="Length">Octets of the document.</param>
/// <param name="Proposal">Names the change that made it, so that a change that is proposed twice is made once.</param>
/// <param name="By">Who proposed it, as far as that is known.</param>
/// <param name="Note">Why, in the words of whoever proposed it; empty without any.</param>
/// <param name="At">When it was proposed.</param>
public sealed record DocumentHead(
    long Epoch, long Version, string Digest, int Length, string Proposal, string By, string Note, DateTimeOffset At)
{
    /// <summary>Largest document, in octets.</summary>
    public const int LengthMax = 4 << 20;

    /// <summary>Longest of <see cref="Proposal"/>, <see cref="By"/> and <see cref="Note"/>, in UTF-16 units.</summary>
    public const int TextMax = 200;

    /// <summary>The digest of a document.</summary>
    public static string DigestOf(ReadOnlySpan<byte> document) => Convert.ToHexStringLower(SHA256.HashData(document));

    /// <summary>True when this is to be preferred to another version that was not agreed on yet either.</summary>
    public bool IsAfter(DocumentHead? other) => other is null || (Version, Epoch).CompareTo((other.Version, other.Epoch)) > 0;
}

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>PUT /api/policy</c>.</summary>
/// <param name="Version">The policy's version.</param>
/// <param name="Nodes">All nodes that relay mail, by name, those that are not in the cluster included.</param>
public sealed record PolicyChange(long Version, IReadOnlyList<PolicyNode> Nodes);

/// <summary>A node, and whether a change is in force there.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="InForce">True when it is; false while the node lags.</param>
/// <param name="Milliseconds">How long that took, from the proposal on; 0 while it lags.</param>
public sealed record PolicyNode(string Name, bool InForce, int Milliseconds)
{
    /// <summary>The same as what became of any request.</summary>
    internal NodeOutcome ToOutcome() => new(Name, InForce, InForce ? null : "not in force yet: it lags, or is not in the cluster");
}

/// <summary>The answer of <c>GET /api/policy/history</c>.</summary>
/// <param name="Version">The version in force.</param>
/// <param name="Versions">Those that this node keeps, the newest first.</param>
public sealed record PolicyHistory(long Version, IReadOnlyList<PolicyVersion> Versions);

/// <summary>A version of the policy.</summary>
/// <param name="Version">Its number.</param>
/// <param name="At">When it was proposed.</param>
/// <param name="By">Through which node, or by which program.</param>
/// <param name="Note">Why; empty when nobody said.</param>
/// <param name="Digest">SHA-256 of the document.</param>
/// <param name="Size">Octets of the document.</param>
public sealed record PolicyVersion(long Version, DateTimeOffset At, string By, string Note, string Digest, int Size);

/// <summary>What is wrong in a document, as the API tells it.</summary>
/// <param name="Key">Where, as a path of keys.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What is wrong.</param>
public sealed record PolicyFinding(string Key, int Line, string Message);

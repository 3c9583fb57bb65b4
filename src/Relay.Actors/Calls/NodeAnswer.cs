namespace Relay.Actors.Calls;

/// <summary>What a node answered to a request of its API.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Body">The answer.</param>
public sealed record NodeAnswer(int Status, ReadOnlyMemory<byte> Body);

/// <summary>Answers a request of this node's own API.</summary>
/// <param name="method">GET or POST.</param>
/// <param name="path">Path and query.</param>
/// <param name="body">The body; empty for none.</param>
/// <returns>The answer, a refusal included.</returns>
public delegate Task<NodeAnswer> AnswerCall(string method, string path, ReadOnlyMemory<byte> body);

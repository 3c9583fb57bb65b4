namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/users</c>.</summary>
/// <param name="Users">All users, by name.</param>
public sealed record UsersAnswer(IReadOnlyList<UserEntry> Users);

/// <summary>A user, without what its password is checked by.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Mechanisms">What it can log in with; with a client certificate of this name as well.</param>
/// <param name="Iterations">What each guess at its password costs whoever has the file.</param>
public sealed record UserEntry(string Name, IReadOnlyList<string> Mechanisms, int Iterations);

/// <summary>The answer of <c>PUT</c> and <c>DELETE /api/users/{name}</c>.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Change"><c>added</c>, <c>changed</c> or <c>removed</c>.</param>
/// <param name="Nodes">All nodes that relay mail, by name.</param>
public sealed record UserChange(string Name, string Change, IReadOnlyList<PolicyNode> Nodes);

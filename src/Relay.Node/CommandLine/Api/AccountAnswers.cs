using System.Text.Json.Serialization;

namespace Relay.Node.CommandLine.Api;

/// <summary>The answer of <c>GET /api/accounts</c>: users whose account counts as leaked.</summary>
/// <param name="Accounts">They, by name.</param>
public sealed record AccountsAnswer(IReadOnlyList<AccountEntry> Accounts)
{
    /// <summary>What became of the request on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

/// <summary>A user who is held.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">Why.</param>
public sealed record AccountEntry(string Name, DateTimeOffset Since, string Reason)
{
    /// <summary>The node that holds it; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }
}

/// <summary>The answer of <c>POST /api/accounts/{name}/release</c>.</summary>
/// <param name="Name">The user.</param>
/// <param name="WasHeld">True when it was held.</param>
public sealed record AccountChangeAnswer(string Name, bool WasHeld)
{
    /// <summary>What became of it on each node; null in the answer of one node for itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeOutcome>? Nodes { get; init; }
}

namespace Relay.Node.CommandLine.Api;

/// <summary>An error of the API (RFC 9457, which demands neither member).</summary>
/// <param name="Title">What kind of problem it is.</param>
/// <param name="Detail">What it is this time.</param>
internal sealed record ProblemAnswer(string? Title = null, string? Detail = null);

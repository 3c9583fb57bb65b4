using System.Text.Json;
using Relay.Node.CommandLine;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin.EveryNode;

/// <summary>What one node answered to a request that went to all of them.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Status">The status of HTTP; 0 when there was no answer.</param>
/// <param name="Body">The answer.</param>
/// <param name="Problem">Why there was none; null when there was.</param>
internal sealed record NodeResult(string Node, int Status, ReadOnlyMemory<byte> Body, string? Problem)
{
    /// <summary>True when it has done what was asked.</summary>
    public bool IsDone => Status is >= 200 and < 300;

    /// <summary>The same for whoever asked.</summary>
    public NodeOutcome Outcome => new(Node, IsDone, IsDone ? null : Problem ?? Told());

    /// <summary>The answer as the type it is.</summary>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Body.Span, JsonText.Options) ?? throw new JsonException("null");

    private string Told()
    {
        try
        {
            return Read<ProblemAnswer>() is { Title: { } title } told ? told.Detail is { } detail ? $"{title}: {detail}" : title : $"answered {Status}";
        }
        catch (JsonException)
        {
            // A refusal without words: its status is all there is to tell.
            return $"answered {Status}";
        }
    }
}

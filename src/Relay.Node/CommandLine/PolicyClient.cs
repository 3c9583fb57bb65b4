using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.CommandLine;

/// <summary>The policy of a running cluster, as commands read and change it.</summary>
/// <param name="client">The API of one of its nodes.</param>
internal sealed class PolicyClient(AdminClient client)
{
    private const string Path = "/api/policy";

    /// <summary>The policy in force: its tag, and its JSON without comments.</summary>
    public async Task<(string Tag, string Text)> GetAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        var answer = await client.ExchangeAsync(request, [], cancellation);
        return (answer.Tag ?? throw client.Unexpected("an answer without ETag"), Encoding.UTF8.GetString(answer.Body));
    }

    /// <summary>A version as it was written.</summary>
    public async Task<byte[]> GetVersionAsync(long version, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"{Path}/history/{version}"));
        return (await client.ExchangeAsync(request, [], cancellation)).Body;
    }

    /// <summary>The versions that the node keeps.</summary>
    public async Task<(PolicyHistory History, JsonElement Json)> GetHistoryAsync(CancellationToken cancellation)
    {
        var answer = await client.GetAsync(Path + "/history", [], cancellation);
        return (client.Read<PolicyHistory>(answer), answer);
    }

    /// <summary>Puts a policy in force that was made from the version of a tag, and tells of it.</summary>
    /// <param name="context">Takes what is told.</param>
    /// <param name="name">What errors name the document.</param>
    /// <param name="document">The document.</param>
    /// <param name="tag">The tag of the version that it was made from.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="isJson">True to print the answer as JSON.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The exit code: done only when it is in force on every node.</returns>
    public async Task<int> PutAsync(
        CommandContext context, string name, byte[] document, string tag, string? note, bool isJson, CancellationToken cancellation)
    {
        var query = note is null ? "" : $"?note={Uri.EscapeDataString(note)}";
        using var request = new HttpRequestMessage(HttpMethod.Put, Path + query) { Content = new ByteArrayContent(document) };
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        var answer = await client.ExchangeAsync(request, [HttpStatusCode.UnprocessableEntity], cancellation);
        var json = client.Parse(answer.Body);
        if (answer.Status == HttpStatusCode.UnprocessableEntity)
        {
            return await RefusedAsync(context, name, json, isJson);
        }

        var change = client.Read<PolicyChange>(json);
        if (isJson)
        {
            await context.Output.WriteLineAsync(JsonText.OfLine(json));
        }
        else
        {
            await context.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"version {change.Version}"));
            foreach (var node in change.Nodes.Where(static node => node.InForce))
            {
                await context.Output.WriteLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{ShownText.Clean(node.Name)}: in force after {node.Milliseconds} ms"));
            }
        }

        return await OperatorOptions.EndAsync(context, [.. change.Nodes.Select(static node => node.ToOutcome())], isJson);
    }

    private async Task<int> RefusedAsync(CommandContext context, string name, JsonElement json, bool isJson)
    {
        if (isJson)
        {
            await context.Output.WriteLineAsync(JsonText.OfLine(json));
            return ExitCodes.Failed;
        }

        if (!json.TryGetProperty("errors", out var errors))
        {
            throw client.Unexpected("a refusal without errors");
        }

        foreach (var error in client.Read<PolicyFinding[]>(errors))
        {
            await context.Error.WriteLineAsync(PolicyFile.Show(name, new PolicyError(error.Key, error.Line, error.Message)));
        }

        var detail = json.TryGetProperty("detail", out var text) ? text.GetString() : null;
        await context.Error.WriteLineAsync(ShownText.Clean(detail ?? "Nothing has changed."));
        return ExitCodes.Failed;
    }
}

using System.Globalization;
using System.Net.Mime;
using Microsoft.Net.Http.Headers;
using Relay.Messages.Policies;
using Relay.Node.CommandLine.Api;
using Relay.Node.Policies;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Admin;

/// <summary><c>/api/policy</c>: the policy of the whole cluster, read and changed.</summary>
internal sealed class PolicyStoreApi(ClusterPolicy policy, DocumentFolder folder, DocumentPart store, NodeSettings settings)
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/policy").AddEndpointFilter(new Refusals());
        group.MapMethods("", AdminApi.ReadMethods, Show).AddEndpointFilter(new QueryKeys());
        group.MapPut("", PutAsync).AddEndpointFilter(new QueryKeys("note"));
        group.MapMethods("/history", AdminApi.ReadMethods, History).AddEndpointFilter(new QueryKeys());
        group.MapMethods("/history/{version:long}", AdminApi.ReadMethods, ShowVersion).AddEndpointFilter(new QueryKeys());
    }

    private IResult Show(HttpResponse response)
    {
        var current = policy.Current;
        response.Headers.ETag = TagOf(current.Version);
        return Results.Bytes(PolicyText.Plain(current.Text), MediaTypeNames.Application.Json);
    }

    private IResult History() => Results.Json(new PolicyHistory(
        policy.Current.Version,
        [.. folder.History.Reverse().Select(static head => new PolicyVersion(head.Version, head.At, head.By, head.Note, head.Digest, head.Length))]));

    // As it was written, comments and all: it may be applied again.
    private IResult ShowVersion(long version) => folder.Find(version) is { } document
        ? Results.Bytes(document.Body, Text)
        : AdminApi.NotFound("There is no such version", "The history of the policy has the numbers of those that this node keeps.");

    private async Task<IResult> PutAsync(HttpRequest request, string? note, CancellationToken cancellation)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return AdminApi.Problem(
                StatusCodes.Status428PreconditionRequired, "There is no If-Match", "Send the ETag of the policy that the change was made from.");
        }

        var reason = Reasons.Of(note, isRequired: false);
        var document = await ReadAsync(request, cancellation);
        if (BaseVersion(request) is not { } version)
        {
            return Stale(policy.Current.Version);
        }

        var parsed = await Task.Run(() => PolicyParser.Parse(document), cancellation);
        if (parsed.Document is null)
        {
            return Refused(parsed.Errors, null);
        }

        var proposal = DocumentMessages.Proposal.Of(document, version, settings.Node.Name, reason);
        var answer = await store.ProposeAsync(proposal, document);
        return answer.Outcome switch
        {
            ProposalOutcome.Done => Done(answer),
            ProposalOutcome.Stale => Stale(answer.Version),
            ProposalOutcome.Refused => Refused(answer.Errors, answer.Reason),
            ProposalOutcome.NotReady => AdminApi.Problem(
                StatusCodes.Status503ServiceUnavailable, "The policy cannot be changed now", $"Nothing has changed: {ShownText.Clean(answer.Reason)}."),
            _ => AdminApi.Problem(
                StatusCodes.Status503ServiceUnavailable,
                "It is not known whether the policy has changed",
                $"{ShownText.Clean(answer.Reason)}: look at the policy and its history before you try again."),
        };
    }

    private static IResult Done(DocumentMessages.ProposalAnswer answer) => Results.Json(
        new PolicyChange(answer.Version, [.. answer.Nodes.Select(static node => new PolicyNode(node.Name, node.IsInForce, node.Milliseconds))]),
        statusCode: answer.Nodes.All(static node => node.IsInForce) ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);

    private static IResult Stale(long version) => Results.Problem(
        string.Create(CultureInfo.InvariantCulture, $"Version {version} is in force, and the change was made from another one: nothing has changed."),
        statusCode: StatusCodes.Status412PreconditionFailed,
        title: "The policy has changed meanwhile",
        extensions: new Dictionary<string, object?> { ["version"] = version });

    private static IResult Refused(IEnumerable<PolicyError> errors, string? node) => Results.Problem(
        node is null ? "Nothing has changed." : $"Node {ShownText.Clean(node)} cannot enforce it: nothing has changed.",
        statusCode: StatusCodes.Status422UnprocessableEntity,
        title: "The policy has errors",
        extensions: new Dictionary<string, object?>
        {
            ["errors"] = errors.Select(static error => new PolicyFinding(error.Key, error.Line, error.Message)).ToArray(),
        });

    private static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <returns>Null when no tag is a version's. Tags are compared by their octets (RFC 9110 section 8.8.3.2): "07" is not "7".</returns>
    private static long? BaseVersion(HttpRequest request)
    {
        if (!EntityTagHeaderValue.TryParseStrictList([.. request.Headers.IfMatch!], out var tags))
        {
            throw new RefusedRequestException("If-Match is no tag", "It is the ETag of the policy that the change was made from, like \"7\".");
        }

        // One change is made from one version.
        return tags is [{ IsWeak: false } tag] && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && tag.Tag == TagOf(version)
            ? version
            : null;
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var octets = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
        {
            if (octets.Length + read > PolicyParser.SizeMax)
            {
                throw new RefusedRequestException("The policy is too large", $"At most {PolicyParser.SizeMax} octets.")
                {
                    Status = StatusCodes.Status413PayloadTooLarge,
                };
            }

            octets.Write(buffer, 0, read);
        }

        return octets.ToArray();
    }
}

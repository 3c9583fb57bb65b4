using System.Net;
using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Node.Cluster;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Policy.Decisions;
using Relay.Smtp.Addresses;

namespace Relay.Node.Admin;

/// <summary>The HTTP side of a node. <c>/health</c> and <c>/metrics</c> are open; everything under <c>/api</c> needs the token.</summary>
internal static class AdminApi
{
    /// <summary>Messages listed when the caller names no limit.</summary>
    public const int ListDefault = 100;

    /// <summary>An actor must answer within this.</summary>
    public static readonly TimeSpan AskTime = TimeSpan.FromSeconds(10);

    /// <summary>Adds every route.</summary>
    public static void Map(WebApplication app, BearerToken token)
    {
        MapHealth(app);
        var api = app.MapGroup("/api");
        api.AddEndpointFilter(async (context, next) => token.IsIn(context.HttpContext.Request.Headers.Authorization)
            ? await next(context)
            : Problem(StatusCodes.Status401Unauthorized, "The token is missing or wrong", "Send admin.token of the data directory as a bearer token."));
        api.MapGet("/queue", ListQueueAsync);
        api.MapGet("/queue/{id}", ShowQueuedAsync);
        api.MapGet("/policy/explain", Explain);
        // Without this an unknown path under /api would tell whoever has no token what there is and is not.
        api.MapFallback(static () => Problem(StatusCodes.Status404NotFound, "There is no such resource", null));
    }

    private static void MapHealth(WebApplication app)
    {
        app.MapGet("/health/live", static () => Results.Json(new HealthJson("live", [])));
        app.MapGet("/health/ready", static (NodeReadiness readiness, ClusterState cluster, MailHost mail) =>
        {
            var reasons = new List<string>(readiness.Reasons);
            if (reasons.Count == 0 && !mail.Services.Spool.IsHealthy)
            {
                reasons.Add("the spool cannot be written");
            }

            return Results.Json(
                new HealthJson(reasons.Count == 0 ? "ready" : "not ready", reasons) { Cluster = cluster.Status },
                statusCode: reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static async Task<IResult> ListQueueAsync(
        MailHost mail, string? sender, string? recipient, string? domain, int? limit, CancellationToken cancellation)
    {
        if (limit is < 0)
        {
            return Problem(StatusCodes.Status400BadRequest, "limit is negative", null);
        }

        var query = new QueueMessages.ListMessages(Bare(sender), Bare(recipient), domain, limit ?? ListDefault);
        var listed = await mail.Services.Mail.Queue.Ask<QueueMessages.QueueListed>(query, AskTime, cancellation);
        return Results.Json(QueueJson.Of(listed));
    }

    private static async Task<IResult> ShowQueuedAsync(MailHost mail, string id, CancellationToken cancellation)
    {
        if (!MessageId.TryParse(id, out var messageId))
        {
            return Problem(StatusCodes.Status400BadRequest, "The id is not one", $"An id has {MessageId.TextLength} characters, as the 250 and the log give it.");
        }

        var shown = await mail.Services.Mail.Queue.Ask<QueueMessages.QueueShown>(
            new QueueMessages.ShowQueued(messageId), AskTime, cancellation);
        return shown.Message is { } message
            ? Results.Json(QueueJson.Of(message))
            : Problem(StatusCodes.Status404NotFound, "The queue has no such message", "It may have been delivered: the log tells.");
    }

    private static IResult Explain(PolicyAgent policy, string client, string listener, string from, string to, string? user)
    {
        if (!IPAddress.TryParse(client, out var address))
        {
            return Problem(StatusCodes.Status400BadRequest, "client is not an IP address", null);
        }

        var sender = MailPath.Null;
        if (Bare(from) is { Length: > 0 } fromText && !MailPath.TryParse(fromText, out sender))
        {
            return Problem(StatusCodes.Status400BadRequest, "from is not an address", null);
        }

        if (!MailPath.TryParse(Bare(to), out var recipient))
        {
            return Problem(StatusCodes.Status400BadRequest, "to is not an address", null);
        }

        var facts = new ClientFacts(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, listener, user);
        return Results.Json(ExplainAnswer.Of(policy.Current.Explain(facts, sender, recipient)));
    }

    // <> is the null sender on the command line and in the log; without its brackets it is empty.
    private static string? Bare(string? address) =>
        address is ['<', .. var inner, '>'] ? inner : address;

    private static IResult Problem(int status, string title, string? detail) =>
        Results.Problem(detail, statusCode: status, title: title);
}

/// <summary>Health as the API shows it.</summary>
internal sealed record HealthJson(string Status, IReadOnlyList<string> Reasons)
{
    /// <summary>How the node stands to the cluster; mail does not depend on it.</summary>
    public string? Cluster { get; init; }
}

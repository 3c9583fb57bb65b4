using System.Globalization;
using Akka.Actor;
using Relay.Actors.Policy;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Node.Cluster;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Settings;
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

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds every route.</summary>
    public static void Map(WebApplication app, BearerToken token)
    {
        app.UseStatusCodePages(static pages => DescribeAsync(pages.HttpContext));
        // Before any route: an unknown path or a wrong method under /api must not tell whoever has no token what there is and is not.
        app.Use(async (context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
                || token.IsIn(context.Request.Headers.Authorization))
            {
                await next(context);
                return;
            }

            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Problem(StatusCodes.Status401Unauthorized, "The token is missing or wrong", "Send admin.token of the data directory as a bearer token.")
                .ExecuteAsync(context);
        });
        MapHealth(app);
        app.MapMethods("/api/queue", ReadMethods, ListQueueAsync).AddEndpointFilter(new QueryKeys("sender", "recipient", "domain", "limit"));
        app.MapMethods("/api/queue/{id}", ReadMethods, ShowQueuedAsync);
        app.MapMethods("/api/policy/explain", ReadMethods, Explain).AddEndpointFilter(new QueryKeys("client", "listener", "user", "from", "to"));
    }

    private static Task DescribeAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem(StatusCodes.Status404NotFound, "There is no such resource", null).ExecuteAsync(context),
        StatusCodes.Status405MethodNotAllowed => Problem(
            StatusCodes.Status405MethodNotAllowed, "The resource has no such method", $"It has {context.Response.Headers.Allow}.").ExecuteAsync(context),
        var status => Results.Problem(statusCode: status).ExecuteAsync(context),
    };

    private static void MapHealth(WebApplication app)
    {
        app.MapMethods("/health/live", ReadMethods, static () => Results.Json(new HealthJson("live", [])));
        app.MapMethods("/health/ready", ReadMethods, static (NodeReadiness readiness, ClusterState cluster, MailHost mail) =>
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
        MailHost mail, string? sender, string? recipient, string? domain, string? limit, CancellationToken cancellation)
    {
        var count = ListDefault;
        if (limit is not null && !int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count))
        {
            return BadQuery("limit is not a number", $"{ShownText.Quote(limit)} is not a whole number from 0 to {int.MaxValue}.");
        }

        var query = new QueueMessages.ListMessages(
            new QueueSelection { Sender = Bare(sender), Recipient = Bare(recipient), Domain = domain }, count);
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

    private static IResult Explain(
        PolicyAgent policy, NodeSettings settings, string? client, string? listener, string? from, string? to, string? user)
    {
        // What the platform's parser takes is more than anyone means: 010.0.0.1 is 8.0.0.1 there.
        if (client is null || !EndPointText.TryParseAddress(client, out var address))
        {
            return BadQuery("client is not an IP address", $"{Found(client)} is not an IP address, like 192.0.2.10 or 2001:db8::10.");
        }

        string[] names = [.. settings.Listeners.Select(static known => known.Name)];
        if (listener is null || !names.Contains(listener, StringComparer.Ordinal))
        {
            return BadQuery("listener is not one of this node", $"{Found(listener)} is none of {string.Join(", ", names)}.");
        }

        var sender = MailPath.Null;
        if (from is null || (Bare(from) is { Length: > 0 } fromText && !MailPath.TryParse(fromText, out sender)))
        {
            return BadQuery("from is not an address", $"{Found(from)} is no address, like user@relay.example, and not <>.");
        }

        if (to is null || !MailPath.TryParse(Bare(to), out var recipient) || recipient.IsNull)
        {
            return BadQuery("to is not an address", $"{Found(to)} is no address, like user@relay.example.");
        }

        return Results.Json(ExplainAnswer.Of(policy.Current.Explain(new ClientFacts(address, listener, user), sender, recipient)));
    }

    private static string Found(string? value) => value is null ? "Nothing" : ShownText.Quote(value);

    // <> is the null sender on the command line and in the log; without its brackets it is empty.
    private static string? Bare(string? address) =>
        address is ['<', .. var inner, '>'] ? inner : address;

    /// <summary>A query that asks for nothing that can be.</summary>
    internal static IResult BadQuery(string title, string? detail) => Problem(StatusCodes.Status400BadRequest, title, detail);

    private static IResult Problem(int status, string title, string? detail) =>
        Results.Problem(detail, statusCode: status, title: title);
}

/// <summary>Health as the API shows it.</summary>
internal sealed record HealthJson(string Status, IReadOnlyList<string> Reasons)
{
    /// <summary>How the node stands to the cluster; mail does not depend on it.</summary>
    public string? Cluster { get; init; }
}

using Relay.Node.Admin.EveryNode;
using Relay.Node.Authentication;
using Relay.Node.Cluster;
using Relay.Node.CommandLine;
using Relay.Node.Composition;
using Relay.Node.Policies;
using Relay.Node.Pressure;
using Relay.Node.Settings;
using Relay.Policy.Documents;

namespace Relay.Node.Admin;

/// <summary>The HTTP side of a node. <c>/health</c> and <c>/metrics</c> are open; everything under <c>/api</c> needs the token.</summary>
internal static class AdminApi
{
    /// <summary>An actor must answer within this.</summary>
    public static readonly TimeSpan AskTime = TimeSpan.FromSeconds(10);

    /// <summary>The methods of what can only be read.</summary>
    public static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds what answers are made with.</summary>
    public static void Configure(IServiceCollection services) => services
        .AddProblemDetails()
        .ConfigureHttpJsonOptions(static json => json.SerializerOptions.Encoder = PlainJsonEncoder.Instance);

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
        var mail = app.Services.GetRequiredService<MailHost>();
        var everyNode = app.MapGroup("").AddEndpointFilter(new EveryNodeFilter(app.Services.GetRequiredService<EveryNodeCall>()));
        new QueueApi(() => mail.Services.Mail.Queue).Map(everyNode);
        new DestinationApi(() => mail.Services.Mail.Queue, app.Services.GetRequiredService<TimeProvider>()).Map(everyNode);
        new AccountApi(() => mail.Services.Accounts).Map(everyNode);
        PolicyApi.Map(app);
        ActivatorUtilities.CreateInstance<ClusterApi>(app.Services).Map(app);
        new PolicyStoreApi(
            app.Services.GetRequiredService<ClusterPolicy>(),
            app.Services.GetRequiredService<DocumentFolder>(),
            app.Services.GetRequiredService<DocumentPart>(),
            app.Services.GetRequiredService<NodeSettings>()).Map(app);
        new UserApi(
            app.Services.GetRequiredService<UserStore>(), app.Services.GetRequiredService<UserChanges>(), app.Services.GetRequiredService<UserLog>()).Map(app);
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
        app.MapMethods("/health/ready", ReadMethods, static (
            NodeReadiness readiness, PressureHealth pressure, ClusterState cluster, MailHost mail, IEnumerable<IHealthNotices> notices) =>
        {
            var reasons = new List<string>(readiness.Reasons);
            if (reasons.Count == 0 && !mail.Services.Spool.IsHealthy)
            {
                reasons.Add("the spool cannot be written");
            }

            if (pressure.Reason is { } reason)
            {
                reasons.Add(reason);
            }

            var health = new HealthJson(reasons.Count == 0 ? "ready" : "not ready", reasons)
            {
                Cluster = cluster.Status,
                Notices = [.. notices.SelectMany(static each => each.Notices)],
            };
            return Results.Json(health, statusCode: reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    /// <summary>A query that asks for nothing that can be.</summary>
    internal static IResult BadQuery(string title, string? detail) => Problem(StatusCodes.Status400BadRequest, title, detail);

    /// <summary>Something that is not there.</summary>
    internal static IResult NotFound(string title, string? detail) => Problem(StatusCodes.Status404NotFound, title, detail);

    /// <summary>A change that a resource does not know.</summary>
    internal static IResult NoAction(string action, IReadOnlyList<string> known) => NotFound(
        "There is no such action", $"{ShownText.Quote(action)}: {NearestKey.Hint(action, known, $"the actions are {string.Join(", ", known)}.")}");

    /// <summary>A problem document (RFC 9457).</summary>
    internal static IResult Problem(int status, string title, string? detail) =>
        Results.Problem(detail, statusCode: status, title: title);
}

/// <summary>Health as the API shows it.</summary>
internal sealed record HealthJson(string Status, IReadOnlyList<string> Reasons)
{
    /// <summary>How the node stands to the cluster; mail does not depend on it.</summary>
    public string? Cluster { get; init; }

    /// <summary>What is not as it should be while the node takes mail all the same.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}

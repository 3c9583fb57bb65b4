using Akka.Actor;
using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Node.Admin.EveryNode;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin;

/// <summary><c>/api/queue</c>: the messages that all nodes hold; with <c>node=self</c> those of this one.</summary>
internal sealed class QueueApi
{
    private static readonly string[] BodyKeys = ["ids", .. Selections.Keys, "everything", "reason", "dryRun"];

    private readonly Func<IActorRef> _queue;

    /// <summary>Makes the resource.</summary>
    /// <param name="queue">Finds the queue's actor once the node has started.</param>
    public QueueApi(Func<IActorRef> queue) => _queue = queue;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/queue").AddEndpointFilter(new Refusals());
        group.MapMethods("", AdminApi.ReadMethods, ListAsync).AddEndpointFilter(new QueryKeys([.. Selections.Keys, "limit", "node"])).WithMetadata(new ListMerge());
        group.MapMethods("/summary", AdminApi.ReadMethods, SummarizeAsync).AddEndpointFilter(new QueryKeys("limit", "node")).WithMetadata(new SummaryMerge());
        group.MapMethods("/{id}", AdminApi.ReadMethods, ShowAsync).WithMetadata(new ShowMerge());
        foreach (var action in Enum.GetValues<QueueAction>())
        {
            group.MapPost($"/{QueueJson.NameOf(action)}", (HttpRequest request, CancellationToken cancellation) =>
                ChangeAsync(action, request, cancellation)).AddEndpointFilter(new QueryKeys("node")).WithMetadata(new ChangeMerge());
        }

        group.MapPost("/{action}", static (string action) => AdminApi.NoAction(action, [.. Enum.GetValues<QueueAction>().Select(QueueJson.NameOf)]));
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var selection = Selections.Of(key => request.Query[key]);
        var query = new QueueMessages.ListMessages(selection, Limit(request, RowLimits.ListDefault, RowLimits.ListMax));
        var listed = await _queue().Ask<QueueMessages.QueueListed>(query, AdminApi.AskTime, cancellation);
        return Results.Json(QueueJson.Of(listed));
    }

    private async Task<IResult> ShowAsync(string id, CancellationToken cancellation)
    {
        if (!MessageId.TryParse(id, out var messageId))
        {
            return AdminApi.BadQuery("The id is not one", $"An id has {MessageId.TextLength} characters, as the 250 and the log give it.");
        }

        var shown = await _queue().Ask<QueueMessages.QueueShown>(new QueueMessages.ShowQueued(messageId), AdminApi.AskTime, cancellation);
        return shown.Message is { } message
            ? Results.Json(QueueJson.Of(message))
            : AdminApi.NotFound("The queue has no such message", "It may have been delivered: the log tells.");
    }

    private async Task<IResult> SummarizeAsync(HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueueMessages.Summarize(Limit(request, RowLimits.SummaryDefault, RowLimits.SummaryMax));
        var summary = await _queue().Ask<QueueMessages.Summarized>(query, AdminApi.AskTime, cancellation);
        return Results.Json(QueueJson.Of(summary));
    }

    private async Task<IResult> ChangeAsync(QueueAction action, HttpRequest request, CancellationToken cancellation)
    {
        var body = await JsonBody.ReadAsync(request, BodyKeys, cancellation);
        var selection = Selections.Of(body.Text) with { Ids = body.Texts("ids") is { } ids ? [.. Selections.Ids(ids)] : [] };
        if (selection.IsEverything != body.Flag("everything"))
        {
            throw selection.IsEverything
                ? new RefusedRequestException("Nothing narrows the selection", "It means every message: say \"everything\": true if you mean that.")
                : new RefusedRequestException("everything is not everything", "It stands alone, without ids and conditions.");
        }

        var isDryRun = body.Flag("dryRun");
        var reason = Reasons.Of(
            body.Text("reason"), isRequired: !isDryRun && action is QueueAction.Hold or QueueAction.Delete or QueueAction.Bounce);
        var change = new QueueMessages.ChangeMessages(selection, action, reason, isDryRun);
        var changed = await _queue().Ask<QueueMessages.MessagesChanged>(change, AdminApi.AskTime, cancellation);
        return Results.Json(new ChangeAnswer(changed.Matched, changed.Changed, changed.InFlight));
    }

    private static int Limit(HttpRequest request, int unlessNamed, int max)
    {
        if (!request.Query.TryGetValue("limit", out var text))
        {
            return unlessNamed;
        }

        return RowLimits.Problem(text.ToString(), max, out var limit) is { } problem
            ? throw new RefusedRequestException("limit is not one", problem)
            : limit;
    }
}

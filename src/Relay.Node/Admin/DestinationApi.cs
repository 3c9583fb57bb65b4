using Akka.Actor;
using Relay.Messages.Destinations;
using Relay.Node.Admin.EveryNode;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

namespace Relay.Node.Admin;

/// <summary><c>/api/destinations</c>: the next-hop sites of all nodes; with <c>node=self</c> those of this one. Their names have slashes, so they stand in the body.</summary>
internal sealed class DestinationApi
{
    /// <summary>Longest pause.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromDays(30);

    private readonly Func<IActorRef> _queue;
    private readonly TimeProvider _time;

    /// <summary>Makes the resource.</summary>
    /// <param name="queue">Finds the queue's actor once the node has started.</param>
    /// <param name="time">Says from when a pause counts.</param>
    public DestinationApi(Func<IActorRef> queue, TimeProvider time) => (_queue, _time) = (queue, time);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/destinations").AddEndpointFilter(new Refusals()).AddEndpointFilter(new QueryKeys("node"));
        group.MapMethods("", AdminApi.ReadMethods, ListAsync).WithMetadata(new DestinationsMerge());
        group.MapPost("/pause", PauseAsync).WithMetadata(new DestinationChangeMerge(isResumption: false));
        group.MapPost("/resume", ResumeAsync).WithMetadata(new DestinationChangeMerge(isResumption: true));
        group.MapPost("/{action}", static (string action) => AdminApi.NoAction(action, ["pause", "resume"]));
    }

    private async Task<IResult> ListAsync(CancellationToken cancellation)
    {
        var listed = await _queue().Ask<DestinationMessages.DestinationsListed>(
            new DestinationMessages.ListDestinations(), AdminApi.AskTime, cancellation);
        return Results.Json(new DestinationsAnswer([.. listed.Destinations.Select(Of)]));
    }

    private async Task<IResult> PauseAsync(HttpRequest request, CancellationToken cancellation)
    {
        var body = await JsonBody.ReadAsync(request, ["name", "duration", "reason"], cancellation);
        var name = Name(body);
        var duration = body.Text("duration") is { } text
            ? Selections.Time("duration", text)
            : throw new RefusedRequestException("There is no duration", "Say how long, like \"1h\": a pause ends by itself.");
        if (duration > PauseMax)
        {
            throw new RefusedRequestException("duration is too long", $"A pause is at most {SettingText.Of(PauseMax)}.");
        }

        var reason = Reasons.Of(body.Text("reason"), isRequired: true);
        return await ChangeAsync(new DestinationMessages.PauseDestination(name, _time.GetUtcNow() + duration, reason), cancellation);
    }

    private async Task<IResult> ResumeAsync(HttpRequest request, CancellationToken cancellation)
    {
        var body = await JsonBody.ReadAsync(request, ["name"], cancellation);
        return await ChangeAsync(new DestinationMessages.ResumeDestination(Name(body)), cancellation);
    }

    private async Task<IResult> ChangeAsync(object change, CancellationToken cancellation)
    {
        var changed = await _queue().Ask<DestinationMessages.DestinationChanged>(change, AdminApi.AskTime, cancellation);
        return changed.Names.IsEmpty
            ? AdminApi.NotFound("There is no such destination", "The list of destinations has the names; the domain of a recipient does as well.")
            : Results.Json(new DestinationChange(changed.Names, (change as DestinationMessages.PauseDestination)?.Until));
    }

    private static string Name(JsonBody body) => body.Text("name") is { Length: > 0 } name && !name.Any(ShownText.IsHarmful)
        ? name
        : throw new RefusedRequestException("There is no name", "Name a destination as the list of destinations does, or a recipient domain.");

    private static Destination Of(DestinationView view) => new(
        view.Name, view.State, view.Messages, view.InFlight, view.Connections, view.Window, view.Until, view.Reason, view.Domains);
}

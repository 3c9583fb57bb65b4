using Relay.Actors.Cluster;
using Relay.Node.Cluster;
using Relay.Node.CommandLine.Api;
using Relay.Node.Composition;
using Relay.Node.Settings;

namespace Relay.Node.Admin;

/// <summary><c>/api/cluster</c>: the members, and the way out.</summary>
internal sealed partial class ClusterApi
{
    private readonly NodeSettings _settings;
    private readonly ClusterState _state;
    private readonly MailHost _mail;
    private readonly IEnumerable<IHealthNotices> _notices;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<ClusterApi> _log;

    /// <summary>Makes the resource.</summary>
    public ClusterApi(
        NodeSettings settings,
        ClusterState state,
        MailHost mail,
        IEnumerable<IHealthNotices> notices,
        IHostApplicationLifetime lifetime,
        ILogger<ClusterApi> log) =>
        (_settings, _state, _mail, _notices, _lifetime, _log) = (settings, state, mail, notices, lifetime, log);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/cluster").AddEndpointFilter(new Refusals()).AddEndpointFilter(new QueryKeys());
        group.MapMethods("", AdminApi.ReadMethods, Show);
        group.MapPost("/leave", Leave);
        group.MapPost("/{action}", static (string action) => AdminApi.NoAction(action, ["leave"]));
    }

    private IResult Show()
    {
        var members = _state.Picture is { IsMember: true } picture ? picture.Members.Select(Of) : [Self()];
        return Results.Json(new ClusterAnswer(_settings.Node.Name, _state.Status, [.. members], [.. _notices.SelectMany(static each => each.Notices)]));
    }

    // The same stop as that of a signal: it drains, and leaves the cluster once mail has come to rest.
    private IResult Leave(HttpContext context)
    {
        var drain = SettingText.Of(_settings.DrainNotice + _settings.Node.DrainTime);
        LogLeaving(drain);
        context.Response.OnCompleted(() =>
        {
            _lifetime.StopApplication();
            return Task.CompletedTask;
        });
        return Results.Json(new LeaveAnswer(_settings.Node.Name, drain, _mail.Figures().QueueMessages), statusCode: StatusCodes.Status202Accepted);
    }

    private ClusterMember Self()
    {
        var figures = _mail.Figures();
        return new ClusterMember(
            _settings.Node.Name,
            _settings.Cluster.Address.ToString(),
            _settings.Cluster.Roles,
            _state.Status,
            true,
            figures.PolicyVersion,
            figures.PressureLevel,
            figures.QueueMessages,
            figures.Shards);
    }

    private static ClusterMember Of(MemberPicture member) => new(
        member.Name,
        MemberAddress.Of(member.Id.Address),
        member.Roles,
        member.Status,
        member.IsReachable,
        member.Report?.PolicyVersion,
        member.Report?.PressureLevel,
        member.Report?.QueueMessages,
        member.Report?.Shards);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Information, Message = "told to leave the cluster: the node drains for {Time:l} at the most, and ends")]
    private partial void LogLeaving(string time);
}

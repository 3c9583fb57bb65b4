using System.CommandLine;
using System.Globalization;
using Relay.Actors.Pressure;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary><c>relay cluster</c>: the members, and the way out.</summary>
internal static class ClusterCommands
{
    private const string Path = "/api/cluster";

    public static Command Build(ServerOptions server, CommandContext context) => new("cluster", "Shows the cluster, and takes a node out of it.")
    {
        BuildStatus(server, context),
        BuildLeave(server, context),
    };

    private static Command BuildStatus(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("status", "Shows the members as the node that is asked sees them.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(Path, [], cancellationToken);
            var cluster = client.Read<ClusterAnswer>(answer);
            if (arguments.GetValue(json))
            {
                await context.Output.WriteLineAsync(JsonText.OfDocument(answer));
                return ExitCodes.Done;
            }

            context.Tables.Write(Members(cluster.Members));
            foreach (var notice in cluster.Notices)
            {
                await context.Error.WriteLineAsync($"{ShownText.Clean(cluster.Node)}: {ShownText.Clean(notice)}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildLeave(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object on one line." };
        var command = new Command("leave", "Has the node that is asked drain, leave the cluster and end.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.PostAsync($"{Path}/leave", new Dictionary<string, object?>(), cancellationToken);
            var leave = client.Read<LeaveAnswer>(answer);
            if (arguments.GetValue(json))
            {
                await context.Output.WriteLineAsync(JsonText.OfLine(answer));
                return ExitCodes.Done;
            }

            var queue = leave.Queue > 0
                ? string.Create(CultureInfo.InvariantCulture, $"; of {leave.Queue} messages in its queue, those that are left stay in its spool")
                : "";
            await context.Output.WriteLineAsync(
                $"{ShownText.Clean(leave.Node)}: drains for {ShownText.Clean(leave.DrainTime)} at the most, leaves the cluster and ends{queue}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Table Members(IReadOnlyList<ClusterMember> members)
    {
        var table = Tables.Of("Name", "Address", "Roles", "Status", "Reachable", "Policy", "Pressure", "Queue", "Shards");
        foreach (var member in members)
        {
            table.Add(
                member.Name,
                member.Address,
                string.Join(',', member.Roles),
                member.Status,
                member.Reachable ? "yes" : "no",
                Number(member.PolicyVersion),
                LevelOf(member.Pressure),
                Number(member.Queue),
                Number(member.Shards));
        }

        return table;
    }

    // A node of a later version may know levels that this one does not.
    private static string LevelOf(int? pressure) =>
        pressure is { } level && Enum.IsDefined((PressureLevel)level) ? ((PressureLevel)level).ToString() : Number(pressure);

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}

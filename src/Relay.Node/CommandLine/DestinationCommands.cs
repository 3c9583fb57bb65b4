using System.CommandLine;
using System.Text.Json;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay destination</c>: the next-hop sites that a node delivers to.</summary>
internal static class DestinationCommands
{
    /// <summary>How long a pause lasts unless told otherwise.</summary>
    public const string PauseDefault = "1h";

    private const string Path = "/api/destinations";

    public static Command Build(ServerOptions server, CommandContext context) => new("destination", "Shows, pauses and resumes next-hop sites.")
    {
        BuildList(server, context),
        BuildPause(server, context),
        BuildResume(server, context),
    };

    private static Command BuildList(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, one for each destination." };
        var command = new Command("list", "Lists destinations by name.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(Path, [], cancellationToken);
            var listed = client.Read<DestinationsAnswer>(answer);
            if (arguments.GetValue(json))
            {
                foreach (var destination in answer.GetProperty("destinations").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(JsonText.OfLine(destination));
                }
            }
            else
            {
                context.Tables.Write(DestinationTable.Of(listed.Destinations));
            }

            return await OperatorOptions.TellMissingAsync(context, listed.Nodes);
        });
        return command;
    }

    private static Command BuildPause(ServerOptions server, CommandContext context)
    {
        var name = Name();
        var duration = new Option<string?>("--duration")
        {
            Description = "How long: a pause ends by itself.",
            HelpName = "TIME",
            DefaultValueFactory = static _ => PauseDefault,
            CustomParser = Parsing.Of<string?>(SelectionOptions.ParseTime),
        };
        var reason = OperatorOptions.Reason(isRequired: true);
        reason.Required = true;
        var json = Json();
        var command = new Command("pause", "Begins no attempt to a destination for a while; attempts that are on go on.") { name, duration, reason, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var body = new Dictionary<string, object?>
            {
                ["name"] = arguments.GetRequiredValue(name),
                ["duration"] = arguments.GetValue(duration),
                ["reason"] = arguments.GetValue(reason),
            };
            var answer = await client.PostAsync($"{Path}/pause", body, cancellationToken);
            var change = client.Read<DestinationChange>(answer);
            return await EndAsync(context, answer, change, $"paused until {Tables.Time(change.Until)}", arguments.GetValue(json));
        });
        return command;
    }

    private static Command BuildResume(ServerOptions server, CommandContext context)
    {
        var name = Name();
        var json = Json();
        var command = new Command("resume", "Ends a pause, and the waiting of a destination that could not be reached.") { name, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var body = new Dictionary<string, object?> { ["name"] = arguments.GetRequiredValue(name) };
            var answer = await client.PostAsync($"{Path}/resume", body, cancellationToken);
            return await EndAsync(context, answer, client.Read<DestinationChange>(answer), "resumed", arguments.GetValue(json));
        });
        return command;
    }

    private static Argument<string> Name() => new("NAME")
    {
        Description = "The destination, as 'relay destination list' names it, or a recipient domain.",
    };

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON object on one line." };

    private static async Task<int> EndAsync(CommandContext context, JsonElement answer, DestinationChange change, string what, bool isJson)
    {
        if (isJson)
        {
            await context.Output.WriteLineAsync(JsonText.OfLine(answer));
        }
        else
        {
            foreach (var destination in change.Names)
            {
                await context.Output.WriteLineAsync($"{ShownText.Clean(destination)}: {what}");
            }
        }

        return await OperatorOptions.EndAsync(context, change.Nodes, isJson);
    }
}

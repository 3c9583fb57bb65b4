using System.CommandLine;
using System.Globalization;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay queue</c>: what a node holds.</summary>
internal static class QueueCommands
{
    /// <summary>Messages listed unless told otherwise.</summary>
    public const int LimitDefault = 100;

    /// <summary>Most messages listed.</summary>
    public const int LimitMax = 10_000;

    /// <summary>Rows of a table of the summary unless told otherwise.</summary>
    public const int SummaryDefault = 10;

    private const string QueuePath = "/api/queue";

    public static Command Build(ServerOptions server, CommandContext context) => new("queue", "Shows and moves the messages that a node holds.")
    {
        BuildList(server, context),
        BuildShow(server, context),
        BuildSummary(server, context),
        QueueActionCommand.Build("hold", "Holds messages: they are not tried and do not expire until they are released.", isReasonRequired: true, server, context),
        QueueActionCommand.Build("release", "Ends a hold.", isReasonRequired: false, server, context),
        QueueActionCommand.Build("retry", "Makes messages due at once.", isReasonRequired: false, server, context),
        QueueActionCommand.Build("delete", "Removes messages. Nobody is told.", isReasonRequired: true, server, context),
        QueueActionCommand.Build("bounce", "Fails messages. The sender is told, with the reason.", isReasonRequired: true, server, context),
    };

    private static Command BuildList(ServerOptions server, CommandContext context)
    {
        var selection = new SelectionOptions();
        var limit = new Option<int>("--limit")
        {
            Description = $"How many messages at most, up to {LimitMax}.",
            HelpName = "N",
            DefaultValueFactory = _ => LimitDefault,
            CustomParser = Parsing.Of<int>(ParseLimit),
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, one for each message." };
        var command = new Command("list", "Lists messages, oldest first.") { limit, json };
        selection.AddTo(command);
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(
                QueuePath,
                [
                    .. selection.Conditions(arguments),
                    ("limit", arguments.GetValue(limit).ToString(CultureInfo.InvariantCulture)),
                ],
                cancellationToken);
            var queue = client.Read<QueueAnswer>(answer);
            if (arguments.GetValue(json))
            {
                foreach (var message in answer.GetProperty("messages").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(JsonText.OfLine(message));
                }
            }
            else
            {
                context.Tables.Write(QueueTables.Messages(queue.Messages));
            }

            await SummariseAsync(context, queue);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildShow(ServerOptions server, CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The message's id: what the 250 said." };
        id.Validators.Add(SelectionOptions.CheckIds);
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("show", "Shows one message and what became of each recipient.") { id, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync($"{QueuePath}/{arguments.GetRequiredValue(id)}", [], cancellationToken);
            var message = client.Read<QueuedMessage>(answer);
            if (arguments.GetValue(json))
            {
                await context.Output.WriteLineAsync(JsonText.OfDocument(answer));
                return ExitCodes.Done;
            }

            context.Tables.Write(QueueTables.Facts(message));
            await context.Output.WriteLineAsync();
            context.Tables.Write(QueueTables.Recipients(message.Recipients));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildSummary(ServerOptions server, CommandContext context)
    {
        var limit = new Option<int>("--limit")
        {
            Description = $"How many rows each table has at most, up to {LimitMax}.",
            HelpName = "N",
            DefaultValueFactory = _ => SummaryDefault,
            CustomParser = Parsing.Of<int>(ParseLimit),
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object on one line." };
        var command = new Command("summary", "Counts messages by state, destination, recipient domain and sender.") { limit, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(
                $"{QueuePath}/summary", [("limit", arguments.GetValue(limit).ToString(CultureInfo.InvariantCulture))], cancellationToken);
            var summary = client.Read<SummaryAnswer>(answer);
            if (arguments.GetValue(json))
            {
                await context.Output.WriteLineAsync(JsonText.OfLine(answer));
                return ExitCodes.Done;
            }

            context.Tables.Write(QueueTables.Facts(summary));
            foreach (var table in QueueTables.Rows(summary))
            {
                await context.Output.WriteLineAsync();
                context.Tables.Write(table);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Goes beside the answer: a script that reads the list must not find it there.</summary>
    private static Task SummariseAsync(CommandContext context, QueueAnswer queue)
    {
        var shown = queue.Messages.Count;
        var more = queue.Total > shown ? "; narrow the list or raise --limit to see the others" : "";
        return context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{shown} of {queue.Total} messages{more}"));
    }

    private static string? ParseLimit(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= LimitMax
            ? null
            : $"{ShownText.Quote(text)} is not a number from 1 to {LimitMax}";
}

using System.CommandLine;
using System.Globalization;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.CommandLine;

/// <summary><c>relay queue</c>: what a node holds.</summary>
internal static class QueueCommands
{
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
            Description = $"How many messages at most, up to {RowLimits.ListMax}.",
            HelpName = "N",
            DefaultValueFactory = _ => RowLimits.ListDefault,
            CustomParser = Parsing.Of<int>(static (string text, out int value) => RowLimits.Problem(text, RowLimits.ListMax, out value)),
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
            return await OperatorOptions.TellMissingAsync(context, queue.Nodes);
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
            Description = $"How many rows each table has at most, up to {RowLimits.SummaryMax}.",
            HelpName = "N",
            DefaultValueFactory = _ => RowLimits.SummaryDefault,
            CustomParser = Parsing.Of<int>(static (string text, out int value) => RowLimits.Problem(text, RowLimits.SummaryMax, out value)),
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
                return await OperatorOptions.TellMissingAsync(context, summary.Nodes);
            }

            context.Tables.Write(QueueTables.Facts(summary));
            foreach (var table in QueueTables.Rows(summary))
            {
                await context.Output.WriteLineAsync();
                context.Tables.Write(table);
            }

            return await OperatorOptions.TellMissingAsync(context, summary.Nodes);
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
}

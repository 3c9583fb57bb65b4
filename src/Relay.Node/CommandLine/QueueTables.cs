using System.Globalization;
using Relay.Node.CommandLine.Api;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary>Queued messages as tables.</summary>
internal static class QueueTables
{
    /// <summary>One line for each message.</summary>
    public static Table Messages(IReadOnlyList<QueuedMessage> messages)
    {
        var table = Tables.Of("Id", "Node", "Arrived", "Size", "State", "Sender", "Recipients", "Next attempt", "Last reply");
        foreach (var column in table.Columns.Take(5))
        {
            column.NoWrap = true;
        }

        foreach (var message in messages)
        {
            table.Add(
                message.Id,
                message.Node ?? "-",
                Tables.Time(message.Arrived),
                Tables.Size(message.Size),
                message.State,
                Tables.Path(message.Sender),
                Summarise(message.Recipients),
                Tables.Time(message.Recipients.Min(recipient => recipient.NextAttempt)),
                ReplyOf(message));
        }

        return table;
    }

    // Of the recipient that gives the message its state, if it has one: not the refusal of another that is done with.
    private static string ReplyOf(QueuedMessage message) =>
        (message.Recipients.FirstOrDefault(recipient => recipient.State == message.State && recipient.LastReply is not null)
            ?? message.Recipients.FirstOrDefault(recipient => recipient.LastReply is not null))?.LastReply ?? "-";

    /// <summary>What is known of one message, a line each.</summary>
    public static Table Facts(QueuedMessage message)
    {
        var table = Tables.OfFacts();
        table.Add("Id", message.Id);
        if (message.Node is { } node)
        {
            table.Add("Node", node);
        }

        table.Add("State", message.State);
        table.Add("Arrived", Tables.Time(message.Arrived));
        if (message.Expires is { } expires)
        {
            table.Add("Expires", Tables.Time(expires));
        }

        if (message.HoldReason is { } reason)
        {
            table.Add("Held", reason);
        }

        table.Add("Size", string.Create(CultureInfo.InvariantCulture, $"{message.Size} bytes"));
        table.Add("Sender", Tables.Path(message.Sender));
        return table;
    }

    /// <summary>One line for each recipient.</summary>
    public static Table Recipients(IReadOnlyList<QueuedRecipient> recipients)
    {
        var table = Tables.Of("Recipient", "State", "Destination", "Attempts", "Next attempt", "Last stage", "Last reply");
        foreach (var recipient in recipients)
        {
            table.Add(
                Tables.Path(recipient.Address),
                recipient.Then is { } action ? $"{recipient.State}, then {action}" : recipient.State,
                recipient.Destination ?? "-",
                recipient.Attempts.ToString(CultureInfo.InvariantCulture),
                Tables.Time(recipient.NextAttempt),
                recipient.LastStage ?? "-",
                recipient.LastReply ?? "-");
        }

        return table;
    }

    /// <summary>What a summary says of the whole queue, a line each.</summary>
    public static Table Facts(SummaryAnswer summary)
    {
        var table = Tables.OfFacts();
        table.Add("Messages", summary.Messages.ToString(CultureInfo.InvariantCulture));
        table.Add("Size", Tables.Size(summary.Bytes));
        foreach (var (state, count) in summary.States)
        {
            table.Add($"{state}", count.ToString(CultureInfo.InvariantCulture));
        }

        return table;
    }

    /// <summary>The tables of a summary that have rows.</summary>
    public static IEnumerable<Table> Rows(SummaryAnswer summary) =>
        new[] { ("Destination", summary.Destinations), ("Domain", summary.Domains), ("Sender", [.. summary.Senders.Select(static row => row with { Name = Tables.Path(row.Name) })]) }
            .Where(static part => part.Item2.Count > 0)
            .Select(static part => Rows(part.Item1, part.Item2));

    private static Table Rows(string heading, IReadOnlyList<SummaryRow> rows)
    {
        var table = Tables.Of(heading, "Messages", "Size", "Oldest");
        foreach (var row in rows)
        {
            table.Add(row.Name, row.Messages.ToString(CultureInfo.InvariantCulture), Tables.Size(row.Bytes), Tables.Time(row.Oldest));
        }

        return table;
    }

    private static string Summarise(IReadOnlyList<QueuedRecipient> recipients) => recipients.Count switch
    {
        0 => "-",
        1 => Tables.Path(recipients[0].Address),
        var count => string.Create(CultureInfo.InvariantCulture, $"{Tables.Path(recipients[0].Address)} and {count - 1} more"),
    };
}

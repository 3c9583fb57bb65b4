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
        var table = Tables.Of("Id", "Arrived", "Size", "State", "Sender", "Recipients", "Next attempt", "Last reply");
        foreach (var column in table.Columns.Take(4))
        {
            column.NoWrap = true;
        }

        foreach (var message in messages)
        {
            table.Add(
                message.Id,
                Tables.Time(message.Arrived),
                Tables.Size(message.Size),
                message.State,
                Tables.Path(message.Sender),
                Summarise(message.Recipients),
                Tables.Time(message.Recipients.Min(recipient => recipient.NextAttempt)),
                message.Recipients.FirstOrDefault(recipient => recipient.LastReply is not null)?.LastReply ?? "-");
        }

        return table;
    }

    /// <summary>What is known of one message, a line each.</summary>
    public static Table Facts(QueuedMessage message)
    {
        var table = Tables.OfFacts();
        table.Add("Id", message.Id);
        table.Add("State", message.State);
        table.Add("Arrived", Tables.Time(message.Arrived));
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
                recipient.State,
                recipient.Destination ?? "-",
                recipient.Attempts.ToString(CultureInfo.InvariantCulture),
                Tables.Time(recipient.NextAttempt),
                recipient.LastStage ?? "-",
                recipient.LastReply ?? "-");
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

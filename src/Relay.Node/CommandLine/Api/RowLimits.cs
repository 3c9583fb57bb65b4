using System.Globalization;
using Relay.Messages.Queues;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine.Api;

/// <summary>How much a list or a summary of the queue shows: the same for who asks by command and who asks the API.</summary>
internal static class RowLimits
{
    /// <summary>Messages listed unless told otherwise.</summary>
    public const int ListDefault = 100;

    /// <summary>Most messages listed.</summary>
    public const int ListMax = QueueMessages.ListMax;

    /// <summary>Rows of each table of a summary unless told otherwise.</summary>
    public const int SummaryDefault = 10;

    /// <summary>Most rows of each table of a summary.</summary>
    public const int SummaryMax = QueueMessages.SummaryMax;

    /// <summary>What is wrong with a text that should be a number from 1 to <paramref name="max"/>; null when <paramref name="limit"/> is it.</summary>
    public static string? Problem(string text, int max, out int limit) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= max
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{ShownText.Quote(text)} is not a number from 1 to {max}");
}

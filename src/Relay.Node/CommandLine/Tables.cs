using System.Globalization;
using Relay.Node.Settings;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary>Tables of text that others wrote: nothing in a cell is markup or moves the cursor.</summary>
internal static class Tables
{
    private static readonly (string Name, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    /// <summary>A table with headings and no rows.</summary>
    public static Table Of(params ReadOnlySpan<string> headings)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var heading in headings)
        {
            var text = new Text(heading, new Style(decoration: Decoration.Bold));
            table.AddColumn(new TableColumn(text) { Padding = new Padding(0, 0, 2, 0) });
        }

        return table;
    }

    /// <summary>A table of names and values, without headings.</summary>
    public static Table OfFacts()
    {
        var table = Of("", "");
        table.ShowHeaders = false;
        return table;
    }

    /// <summary>Adds a row.</summary>
    public static void Add(this Table table, params IEnumerable<string> cells) =>
        table.AddRow([.. cells.Select(cell => new Text(ShownText.Clean(cell)))]);

    /// <summary>A path in the brackets that it has in SMTP; the null path is <c>&lt;&gt;</c>.</summary>
    public static string Path(string address) => $"<{address}>";

    /// <summary>A time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("u", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>A size with one decimal in the largest fitting unit.</summary>
    public static string Size(long bytes)
    {
        foreach (var (name, unit) in Units)
        {
            if (bytes >= unit)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / unit:0.0} {name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
    }
}

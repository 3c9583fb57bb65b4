using System.Globalization;
using Relay.Node.CommandLine.Api;
using Spectre.Console;

namespace Relay.Node.CommandLine;

/// <summary>Destinations as a table.</summary>
internal static class DestinationTable
{
    /// <summary>One line for each.</summary>
    public static Table Of(IReadOnlyList<Destination> destinations)
    {
        var table = Tables.Of("Name", "Node", "State", "Messages", "In flight", "Connections", "Window", "Until", "Domains", "Reason");
        foreach (var destination in destinations)
        {
            table.Add(
                destination.Name,
                destination.Node ?? "-",
                destination.State,
                destination.Messages.ToString(CultureInfo.InvariantCulture),
                destination.InFlight.ToString(CultureInfo.InvariantCulture),
                destination.Connections.ToString(CultureInfo.InvariantCulture),
                destination.Window.ToString("0.#", CultureInfo.InvariantCulture),
                Tables.Time(destination.Until),
                destination.Domains.Count == 0 ? "-" : string.Join(", ", destination.Domains),
                destination.Reason ?? "-");
        }

        return table;
    }
}

using System.Globalization;
using Relay.Actors.Deliveries;
using Relay.Node.CommandLine;

namespace Relay.Node.Composition;

/// <summary>Shares the files that the process may have open between those who take them: a process without a free one is ended by its runtime.</summary>
/// <param name="Limit">Files that the process may have open; null when there is no limit, or none that is known.</param>
/// <param name="Segments">Segments that the spool may have open.</param>
/// <param name="SmtpConnections">Most SMTP connections at once.</param>
/// <param name="OutboundConnections">Most connections to next hops at once.</param>
internal sealed record DescriptorBudget(long? Limit, long Segments, int SmtpConnections, int OutboundConnections)
{
    /// <summary>For what is there without a client: assemblies, the runtime's own, log, sockets that listen, cluster, resolver.</summary>
    public const int RuntimeReserve = 480;

    /// <summary>Connections of the API, <c>/metrics</c> and <c>/health</c>; more wait until one of them closes.</summary>
    public const int ApiConnectionsMax = 64;

    /// <summary>SMTP connections that are refused and not closed yet; more wait until one of them closes.</summary>
    public const int RefusalsMax = 64;

    /// <summary>With room for fewer SMTP connections than this a node does not start.</summary>
    public const int SmtpConnectionsMin = 32;

    /// <summary>Files kept for everything but the spool, SMTP connections and deliveries.</summary>
    public const int Reserve = RuntimeReserve + ApiConnectionsMax + RefusalsMax;

    // Of what is left when the reserve and the spool are served, a quarter goes to deliveries.
    private const int OutboundShare = 4;

    /// <summary>Shares a limit out.</summary>
    /// <param name="limit">Files that the process may have open; null for no limit.</param>
    /// <param name="segments">Segments that the spool may have open.</param>
    /// <exception cref="CommandException">The limit is too low for a node.</exception>
    public static DescriptorBudget Of(long? limit, long segments)
    {
        if (limit is not { } files)
        {
            return new DescriptorBudget(null, segments, int.MaxValue, OutboundSlots.DefaultMax);
        }

        var rest = files - Reserve - segments;
        var outbound = (int)Math.Clamp(rest / OutboundShare, 0, OutboundSlots.DefaultMax);
        var smtp = (int)Math.Min(rest - outbound, int.MaxValue);
        return smtp >= SmtpConnectionsMin
            ? new DescriptorBudget(limit, segments, smtp, outbound)
            : throw new CommandException(string.Create(CultureInfo.InvariantCulture,
                $"This process may have {files} files open; a node with {segments} spool segments (Spool:QuotaBytes) needs {LimitFor(SmtpConnectionsMin, segments)} at the least. Raise the limit: LimitNOFILE= in the unit, or ulimit -n."));
    }

    /// <summary>The lowest limit under which so many SMTP connections fit.</summary>
    public long LimitFor(int smtpConnections) => LimitFor(smtpConnections, Segments);

    /// <summary>Reads the limit of this process from what Linux says of it.</summary>
    /// <param name="limits">The text of <c>/proc/self/limits</c>.</param>
    /// <returns>Null when there is none, or none that can be read.</returns>
    public static long? ParseLimit(string limits)
    {
        const string Row = "Max open files";
        foreach (var line in limits.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Row, StringComparison.Ordinal))
            {
                // The first number is the limit in force; the runtime has raised it to the second one before any of our code ran.
                var numbers = line[Row.Length..].TrimStart();
                var end = numbers.IndexOf(' ');
                return long.TryParse(end < 0 ? numbers : numbers[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                    ? limit
                    : null;
            }
        }

        return null;
    }

    private static long LimitFor(int smtpConnections, long segments)
    {
        var outbound = Math.Min(OutboundSlots.DefaultMax, (smtpConnections - 1) / (OutboundShare - 1));
        return Reserve + segments + smtpConnections + outbound;
    }
}

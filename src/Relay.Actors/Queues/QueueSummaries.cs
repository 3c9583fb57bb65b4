using System.Collections.Immutable;
using Relay.Messages.Destinations;
using Relay.Messages.Queues;

namespace Relay.Actors.Queues;

/// <summary>Sums the index up for operators.</summary>
internal static class QueueSummaries
{
    /// <summary>Domains that are named of a destination.</summary>
    public const int DomainsMax = 10;

    public static QueueMessages.Summarized Summarize(IReadOnlyCollection<QueuedMessage> messages, int limit)
    {
        var states = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (destinations, domains, senders) = (new Table(), new Table(), new Table());
        var bytes = 0L;
        foreach (var message in messages)
        {
            bytes += message.Size;
            var state = Selections.StateOf(message);
            states[state] = states.GetValueOrDefault(state) + 1;
            senders.Add(message.Sender, message);
            foreach (var group in QueueState.GroupsOf(message))
            {
                if (group.Members.Any(index => !message.Recipients[index].Progress.IsDone))
                {
                    domains.Add(group.Lane.Domain.Name, message);
                    destinations.Add(group.Lane.Site?.Key.Name ?? group.Lane.Domain.Name, message);
                }
            }
        }

        return new QueueMessages.Summarized(
            messages.Count, bytes, states.ToImmutableSortedDictionary(StringComparer.Ordinal), destinations.Top(limit), domains.Top(limit), senders.Top(limit));
    }

    public static DestinationMessages.DestinationsListed Destinations(IEnumerable<SiteBacklog> sites, IReadOnlyCollection<QueuedMessage> messages, DestinationBoard board)
    {
        var waiting = new Dictionary<SiteBacklog, int>();
        var aloft = new Dictionary<SiteBacklog, int>();
        foreach (var message in messages)
        {
            RecipientGroup[] groups = [.. QueueState.GroupsOf(message)];
            Count(waiting, groups.Where(HasMore).Select(static group => group.Carrier ?? group.Lane.Site));
            Count(aloft, groups.Select(static group => group.Carrier));
        }

        return new DestinationMessages.DestinationsListed(
            [.. sites.Select(site => View(site, waiting.GetValueOrDefault(site), aloft.GetValueOrDefault(site), board.Find(site.Key))).OrderBy(static view => view.Name, StringComparer.Ordinal)]);
    }

    /// <summary>One more for each of the sites, whatever number of a message's groups is there.</summary>
    private static void Count(Dictionary<SiteBacklog, int> counts, IEnumerable<SiteBacklog?> sites)
    {
        foreach (var site in sites.OfType<SiteBacklog>().Distinct())
        {
            counts[site] = counts.GetValueOrDefault(site) + 1;
        }
    }

    private static bool HasMore(RecipientGroup group) => group.Members.Any(index => group.Message.Recipients[index].IsWaiting);

    private static DestinationView View(SiteBacklog site, int messages, int inFlight, DestinationStatus? status)
    {
        var (state, until, reason) = site switch
        {
            { PausedUntil: { } paused } => ("paused", paused, site.PauseReason),
            { ParkedUntil: { } parked } => ("parked", parked, site.LastFailure?.Reply.ToString()),
            _ => (status is { Connections: > 0 } || site.InFlight > 0 ? "working" : "idle", (DateTimeOffset?)null, site.LastFailure?.Reply.ToString()),
        };
        return new DestinationView(
            site.Key.Name,
            state,
            messages,
            inFlight,
            status?.Connections ?? 0,
            status?.Window ?? 0,
            until,
            reason,
            [.. site.Lanes.Select(static lane => lane.Domain.Name).Order(StringComparer.Ordinal).Take(DomainsMax)]);
    }

    private sealed class Table
    {
        private readonly Dictionary<string, Row> _rows = new(StringComparer.OrdinalIgnoreCase);

        public void Add(string name, QueuedMessage message)
        {
            if (!_rows.TryGetValue(name, out var row))
            {
                row = new Row();
                _rows.Add(name, row);
            }

            // A message with two groups at one destination counts once.
            if (row.Last != message)
            {
                row.Last = message;
                row.Messages++;
                row.Bytes += message.Size;
                row.Oldest = message.AcceptedAt < row.Oldest ? message.AcceptedAt : row.Oldest;
            }
        }

        public ImmutableArray<QueueMessages.SummaryRow> Top(int limit) =>
            [.. _rows
                .OrderByDescending(static row => row.Value.Messages).ThenBy(static row => row.Key, StringComparer.Ordinal)
                .Take(Math.Clamp(limit, 0, QueueMessages.SummaryMax))
                .Select(static row => new QueueMessages.SummaryRow(row.Key, row.Value.Messages, row.Value.Bytes, row.Value.Oldest))];

        private sealed class Row
        {
            public QueuedMessage? Last { get; set; }

            public int Messages { get; set; }

            public long Bytes { get; set; }

            public DateTimeOffset Oldest { get; set; } = DateTimeOffset.MaxValue;
        }
    }
}

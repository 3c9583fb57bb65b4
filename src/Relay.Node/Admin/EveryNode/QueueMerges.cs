using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin.EveryNode;

/// <summary>The messages of all nodes, oldest first, each with its node.</summary>
internal sealed class ListMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var answers = done.Select(static result => (result.Node, Answer: result.Read<QueueAnswer>())).ToArray();
        var limit = MergeLimit.Of(request, RowLimits.ListDefault, RowLimits.ListMax);
        var messages = answers
            .SelectMany(static each => each.Answer.Messages.Select(message => message with { Node = each.Node }))
            .OrderBy(static message => message.Arrived)
            .Take(limit);
        return Results.Json(new QueueAnswer([.. messages], answers.Sum(static each => each.Answer.Total)) { Nodes = [.. all.Select(static each => each.Outcome)] });
    }
}

/// <summary>The one message, from the node that has it.</summary>
internal sealed class ShowMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all) =>
        Results.Json(done[0].Read<QueuedMessage>() with { Node = done[0].Node });
}

/// <summary>The sums of all nodes.</summary>
internal sealed class SummaryMerge : IMerge
{
    // Rows that are few on each node may be many on all: each tells all that it can, and what is shown is cut here.
    public string PathFor(HttpRequest request)
    {
        var query = request.Query.Where(static pair => pair.Key != "limit").SelectMany(static pair => pair.Value, static (pair, value) => KeyValuePair.Create(pair.Key, value));
        var limit = request.Query.TryGetValue("limit", out var text) && RowLimits.Problem(text.ToString(), RowLimits.SummaryMax, out _) is not null
            ? text.ToString()
            : $"{RowLimits.SummaryMax}";
        return request.Path + QueryString.Create([.. query, KeyValuePair.Create("limit", (string?)limit)]);
    }

    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var answers = done.Select(static result => result.Read<SummaryAnswer>()).ToArray();
        var limit = MergeLimit.Of(request, RowLimits.SummaryDefault, RowLimits.SummaryMax);
        var states = answers.SelectMany(static answer => answer.States).GroupBy(static state => state.Key, StringComparer.Ordinal)
            .OrderBy(static state => state.Key, StringComparer.Ordinal).ToDictionary(static state => state.Key, static state => state.Sum(static one => one.Value));
        return Results.Json(new SummaryAnswer(
            answers.Sum(static answer => answer.Messages),
            answers.Sum(static answer => answer.Bytes),
            states,
            Rows(answers, static answer => answer.Destinations, limit),
            Rows(answers, static answer => answer.Domains, limit),
            Rows(answers, static answer => answer.Senders, limit))
        {
            Nodes = [.. all.Select(static each => each.Outcome)],
        });
    }

    private static SummaryRow[] Rows(SummaryAnswer[] answers, Func<SummaryAnswer, IReadOnlyList<SummaryRow>> rows, int limit) =>
    [
        .. answers.SelectMany(rows).GroupBy(static row => row.Name, StringComparer.Ordinal)
            .Select(static same => new SummaryRow(
                same.Key, same.Sum(static row => row.Messages), same.Sum(static row => row.Bytes), same.Min(static row => row.Oldest)))
            .OrderByDescending(static row => row.Messages).ThenBy(static row => row.Name, StringComparer.Ordinal)
            .Take(limit),
    ];
}

/// <summary>What was changed on all nodes.</summary>
internal sealed class ChangeMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var answers = done.Select(static result => result.Read<ChangeAnswer>()).ToArray();
        return Results.Json(new ChangeAnswer(
            answers.Sum(static answer => answer.Matched), answers.Sum(static answer => answer.Changed), answers.Sum(static answer => answer.InFlight))
        {
            Nodes = [.. all.Select(static each => each.Outcome)],
        });
    }
}

/// <summary>How many rows a request wants of the answer as a whole.</summary>
internal static class MergeLimit
{
    public static int Of(HttpRequest request, int unlessNamed, int max) =>
        request.Query.TryGetValue("limit", out var text) && RowLimits.Problem(text.ToString(), max, out var limit) is null ? limit : unlessNamed;
}

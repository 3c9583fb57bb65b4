using Relay.Node.CommandLine.Api;

namespace Relay.Node.Admin.EveryNode;

/// <summary>The users that any node holds, each with its node.</summary>
internal sealed class AccountsMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var rows = done
            .SelectMany(static result => result.Read<AccountsAnswer>().Accounts.Select(account => account with { Node = result.Node }))
            .OrderBy(static account => account.Name, StringComparer.Ordinal).ThenBy(static account => account.Node, StringComparer.Ordinal);
        return Results.Json(new AccountsAnswer([.. rows]) { Nodes = [.. all.Select(static each => each.Outcome)] });
    }
}

/// <summary>A user that was let go wherever it was held.</summary>
internal sealed class AccountChangeMerge : IMerge
{
    public IResult Merge(HttpRequest request, IReadOnlyList<NodeResult> done, IReadOnlyList<NodeResult> all)
    {
        var answers = done.Select(static result => result.Read<AccountChangeAnswer>()).ToArray();
        return Results.Json(new AccountChangeAnswer(answers[0].Name, answers.Any(static answer => answer.WasHeld))
        {
            Nodes = [.. all.Select(static each => each.Outcome)],
        });
    }
}

using Relay.Node.Accounts;
using Relay.Node.Admin.EveryNode;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.Admin;

/// <summary><c>/api/accounts</c>: users whose account counts as leaked, on all nodes; with <c>node=self</c> on this one.</summary>
internal sealed class AccountApi(Func<AccountGuard> guard)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/accounts").AddEndpointFilter(new Refusals()).AddEndpointFilter(new QueryKeys("node"));
        group.MapMethods("", AdminApi.ReadMethods, List).WithMetadata(new AccountsMerge());
        group.MapPost("/{name}/release", Release).WithMetadata(new AccountChangeMerge());
    }

    private IResult List() => Results.Json(new AccountsAnswer(
        [.. guard().Breaker.Held.OrderBy(static held => held.User, StringComparer.Ordinal).Select(static held => new AccountEntry(held.User, held.At, held.Reason))]));

    private IResult Release(string name) => UserName.TryParse(name, out var user)
        ? Results.Json(new AccountChangeAnswer(user, guard().Breaker.Release(user)))
        : throw new RefusedRequestException("This is no name of a user", $"{ShownText.Quote(name)} can be no user's name.");
}

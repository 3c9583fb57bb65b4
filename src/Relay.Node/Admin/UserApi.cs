using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.Admin;

/// <summary><c>/api/users</c>: who may log in. Passwords do not travel: whoever sets one sends its verifier.</summary>
internal sealed class UserApi
{
    private static readonly string[] Mechanisms =
        [.. new[] { SaslMechanism.Plain, SaslMechanism.Login, SaslMechanism.ScramSha256 }.Select(SaslMechanisms.NameOf)];

    private readonly UserStore _users;
    private readonly UserChanges _changes;
    private readonly UserLog _log;

    /// <summary>Makes the resource.</summary>
    public UserApi(UserStore users, UserChanges changes, UserLog log) => (_users, _changes, _log) = (users, changes, log);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").AddEndpointFilter(new Refusals()).AddEndpointFilter(new QueryKeys());
        group.MapMethods("", AdminApi.ReadMethods, List);
        group.MapPut("/{name}", PutAsync);
        group.MapDelete("/{name}", RemoveAsync);
    }

    private IResult List() => Results.Json(new UsersAnswer(
        [.. _users.Current.Users.Select(static user => new UserEntry(user.Key, Mechanisms, user.Value.Iterations))]));

    private async Task<IResult> PutAsync(string name, HttpRequest request, CancellationToken cancellation)
    {
        var user = NameOf(name);
        var body = await JsonBody.ReadAsync(request, VerifierJson.Keys, cancellation);
        return await ChangeAsync(new UserEdit(user, VerifierOf(body)));
    }

    private Task<IResult> RemoveAsync(string name) => ChangeAsync(new UserEdit(NameOf(name), null));

    private async Task<IResult> ChangeAsync(UserEdit edit)
    {
        try
        {
            var result = await _changes.MakeAsync(edit);
            return result.Outcome switch
            {
                UserEditOutcome.Added => Done(edit.Name, "added", result),
                UserEditOutcome.Changed => Done(edit.Name, "changed", result),
                UserEditOutcome.Removed => Done(edit.Name, "removed", result),
                UserEditOutcome.NotThere => AdminApi.NotFound("There is no such user", "The list of users has the names."),
                UserEditOutcome.Full => AdminApi.Problem(StatusCodes.Status409Conflict, "There are too many users", $"At most {UserDocument.UsersMax}."),
                UserEditOutcome.Refused => AdminApi.Problem(
                    StatusCodes.Status409Conflict, "A node has other users", $"Nothing has changed. Node {ShownText.Clean(result.Reason)}."),
                UserEditOutcome.NotReady => AdminApi.Problem(
                    StatusCodes.Status503ServiceUnavailable, "The users cannot be changed now", $"Nothing has changed: {ShownText.Clean(result.Reason)}."),
                _ => AdminApi.Problem(
                    StatusCodes.Status503ServiceUnavailable,
                    "It is not known whether the users have changed",
                    $"{ShownText.Clean(result.Reason)}: the same change may be made again."),
            };
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            _log.NotStored(trouble.Message);
            return AdminApi.Problem(
                StatusCodes.Status503ServiceUnavailable, "The users cannot be stored", $"Nothing has changed: {ShownText.Clean(trouble.Message)}");
        }
    }

    private IResult Done(string name, string change, UserEditResult result)
    {
        _log.Changed(name, change);
        return Results.Json(
            new UserChange(name, change, [.. result.Nodes.Select(static node => new PolicyNode(node.Name, node.IsInForce, node.Milliseconds))]),
            statusCode: result.Nodes.All(static node => node.IsInForce) ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static string NameOf(string text) => UserName.TryParse(text, out var name)
        ? name
        : throw new RefusedRequestException(
            "This is no name of a user", $"{ShownText.Quote(text)}: letters, digits and . - _ + @, a letter or digit first, at most {UserName.CharactersMax}.");

    private static ScramVerifier VerifierOf(JsonBody body)
    {
        try
        {
            return VerifierJson.Read(body.Root, "");
        }
        catch (FormatException wrong)
        {
            throw new RefusedRequestException("The verifier is not one", wrong.Message);
        }
    }
}

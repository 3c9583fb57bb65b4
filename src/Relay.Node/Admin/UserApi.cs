using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.Admin;

/// <summary><c>/api/users</c>: who may log in. Passwords do not travel: whoever sets one sends its verifier.</summary>
internal sealed partial class UserApi
{
    private static readonly string[] Mechanisms =
        [.. new[] { SaslMechanism.Plain, SaslMechanism.Login, SaslMechanism.ScramSha256 }.Select(SaslMechanisms.NameOf)];

    private readonly UserStore _users;
    private readonly ILogger<UserApi> _log;

    /// <summary>Makes the resource.</summary>
    public UserApi(UserStore users, ILogger<UserApi> log) => (_users, _log) = (users, log);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").AddEndpointFilter(new Refusals()).AddEndpointFilter(new QueryKeys());
        group.MapMethods("", AdminApi.ReadMethods, List);
        group.MapPut("/{name}", PutAsync);
        group.MapDelete("/{name}", Remove);
    }

    private IResult List() => Results.Json(new UsersAnswer(
        [.. _users.Current.Users.Select(static user => new UserEntry(user.Key, Mechanisms, user.Value.Iterations))]));

    private async Task<IResult> PutAsync(string name, HttpRequest request, CancellationToken cancellation)
    {
        var user = NameOf(name);
        var body = await JsonBody.ReadAsync(request, VerifierJson.Keys, cancellation);
        return Change(() => _users.Put(user, VerifierOf(body)) switch
        {
            true => Done(user, "added"),
            false => Done(user, "changed"),
            null => AdminApi.Problem(StatusCodes.Status409Conflict, "There are too many users", $"At most {UserDocument.UsersMax}."),
        });
    }

    private IResult Remove(string name)
    {
        var user = NameOf(name);
        return Change(() => _users.Remove(user)
            ? Done(user, "removed")
            : AdminApi.NotFound("There is no such user", "The list of users has the names."));
    }

    private IResult Change(Func<IResult> change)
    {
        try
        {
            return change();
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            LogNotStored(trouble.Message);
            return AdminApi.Problem(
                StatusCodes.Status503ServiceUnavailable, "The users cannot be stored", $"Nothing has changed: {ShownText.Clean(trouble.Message)}");
        }
    }

    private IResult Done(string name, string change)
    {
        LogChanged(name, change);
        return Results.Json(new UserChange(name, change));
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

    [LoggerMessage(EventId = 3110, Level = LogLevel.Information, Message = "user {Name:l} {Change:l}")]
    private partial void LogChanged(string name, string change);

    [LoggerMessage(EventId = 3111, Level = LogLevel.Error, Message = "the users cannot be stored: {Cause}")]
    private partial void LogNotStored(string cause);
}

using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Smtp.Authentication;

namespace Relay.Node.CommandLine;

/// <summary><c>relay user</c>: who may log in.</summary>
internal static class UserCommands
{
    private const string Path = "/api/users";

    public static Command Build(ServerOptions server, CommandContext context) => new("user", "Adds, removes and lists users that may log in.")
    {
        BuildAdd(server, context),
        BuildRemove(server, context),
        BuildList(server, context),
        AccountCommands.BuildHeld(server, context),
        AccountCommands.BuildRelease(server, context),
    };

    private static Command BuildAdd(ServerOptions server, CommandContext context)
    {
        var name = Name();
        var passwordFile = new Option<string?>("--password-file")
        {
            Description = "The file with the password, on one line. [default: asked for at a terminal, else read from standard input]",
            HelpName = "FILE",
        };
        var json = Json();
        var command = new Command("add", "Adds a user, or gives one another password. Only what a password is checked by is sent and kept.")
        {
            name, passwordFile, json,
        };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var user = Parse(arguments.GetRequiredValue(name));
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var password = await NewPassword.ReadAsync(arguments.GetValue(passwordFile), context, cancellationToken);
            var answer = await client.PutAsync(PathOf(user), VerifierOf(password), cancellationToken);
            return await EndAsync(context, client, answer, arguments.GetValue(json));
        });
        return command;
    }

    private static Command BuildRemove(ServerOptions server, CommandContext context)
    {
        var name = Name();
        var json = Json();
        var command = new Command("remove", "Removes a user; what it sends over open connections is refused from the next mail on.") { name, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var user = Parse(arguments.GetRequiredValue(name));
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.DeleteAsync(PathOf(user), cancellationToken);
            return await EndAsync(context, client, answer, arguments.GetValue(json));
        });
        return command;
    }

    private static Command BuildList(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, one for each user." };
        var command = new Command("list", "Lists users by name.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(Path, [], cancellationToken);
            var listed = client.Read<UsersAnswer>(answer);
            if (arguments.GetValue(json))
            {
                foreach (var user in answer.GetProperty("users").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(JsonText.OfLine(user));
                }
            }
            else
            {
                var table = Tables.Of("Name", "Mechanisms", "Iterations");
                foreach (var user in listed.Users)
                {
                    table.Add(user.Name, string.Join(' ', user.Mechanisms), user.Iterations.ToString(CultureInfo.InvariantCulture));
                }

                context.Tables.Write(table);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> Name() => new("NAME")
    {
        Description = "The user's name: letters, digits and . - _ + @; upper and lower case are the same.",
    };

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON object on one line." };

    private static string Parse(string text) => UserName.TryParse(text, out var name)
        ? name
        : throw new CommandException(
            $"{ShownText.Quote(text)} is no name of a user: letters, digits and . - _ + @, a letter or digit first, at most {UserName.CharactersMax}", ExitCodes.Usage);

    private static string PathOf(string user) => $"{Path}/{Uri.EscapeDataString(user)}";

    private static Dictionary<string, object?> VerifierOf(string password)
    {
        var verifier = ScramVerifier.FromPassword(
            Encoding.ASCII.GetBytes(password), RandomNumberGenerator.GetBytes(ScramVerifier.SaltOctets), ScramVerifier.IterationsDefault);
        return new Dictionary<string, object?>
        {
            [VerifierJson.Salt] = Convert.ToBase64String(verifier.Salt.Span),
            [VerifierJson.Iterations] = verifier.Iterations,
            [VerifierJson.StoredKey] = Convert.ToBase64String(verifier.StoredKey.Span),
            [VerifierJson.ServerKey] = Convert.ToBase64String(verifier.ServerKey.Span),
        };
    }

    private static async Task<int> EndAsync(CommandContext context, AdminClient client, JsonElement answer, bool isJson)
    {
        var change = client.Read<UserChange>(answer);
        await context.Output.WriteLineAsync(isJson ? JsonText.OfLine(answer) : $"{ShownText.Clean(change.Name)}: {ShownText.Clean(change.Change)}");
        return await OperatorOptions.EndAsync(context, [.. change.Nodes.Select(static node => node.ToOutcome())], isJson);
    }
}

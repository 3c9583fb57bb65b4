using System.CommandLine;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay user held</c> and <c>relay user release</c>: users whose account counts as leaked.</summary>
internal static class AccountCommands
{
    private const string Path = "/api/accounts";

    public static Command BuildHeld(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, one for each user." };
        var command = new Command("held", "Lists users that the policy's breaker holds.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.GetAsync(Path, [], cancellationToken);
            var listed = client.Read<AccountsAnswer>(answer);
            if (arguments.GetValue(json))
            {
                foreach (var account in answer.GetProperty("accounts").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(JsonText.OfLine(account));
                }
            }
            else
            {
                var table = Tables.Of("Name", "Node", "Since", "Reason");
                foreach (var account in listed.Accounts)
                {
                    table.Add(account.Name, account.Node ?? "", Tables.Time(account.Since), account.Reason);
                }

                context.Tables.Write(table);
            }

            return await OperatorOptions.TellMissingAsync(context, listed.Nodes);
        });
        return command;
    }

    public static Command BuildRelease(ServerOptions server, CommandContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The user's name." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object on one line." };
        var command = new Command("release", "Lets a held user send again. What is held in the queue stays so: see 'relay queue release'.") { name, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var answer = await client.PostAsync(
                $"{Path}/{Uri.EscapeDataString(arguments.GetRequiredValue(name))}/release", new Dictionary<string, object?>(), cancellationToken);
            var change = client.Read<AccountChangeAnswer>(answer);
            await context.Output.WriteLineAsync(
                arguments.GetValue(json) ? JsonText.OfLine(answer) : $"{ShownText.Clean(change.Name)}: {(change.WasHeld ? "released" : "was not held")}");
            return await OperatorOptions.EndAsync(context, change.Nodes, arguments.GetValue(json));
        });
        return command;
    }
}

using System.CommandLine;

namespace Relay.Node.CommandLine;

/// <summary><c>relay policy</c>: who may send what.</summary>
internal static class PolicyCommands
{
    public static Command Build(ServerOptions server, CommandContext context)
    {
        var command = new Command("policy", "Shows, changes, checks and explains policy.") { BuildCheck(context), PolicyExplainCommand.Build(server, context) };
        foreach (var stored in PolicyStoreCommands.Build(server, context))
        {
            command.Subcommands.Add(stored);
        }

        return command;
    }

    private static Command BuildCheck(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The policy document." };
        var json = new Option<bool>("--json")
        {
            Description = "Print one JSON document: file, errors and warnings, each with key, line and message.",
        };
        var command = new Command("check", "Checks a policy document without a node. Warnings alone do not make it fail.") { file, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var named = arguments.GetRequiredValue(file);
            var policy = await PolicyFile.ReadAsync(named, context.WorkingDirectory, cancellationToken);
            policy = await policy.WithListsAsync(PolicyFile.PathOf(named, context.WorkingDirectory), cancellationToken);
            if (arguments.GetValue(json))
            {
                var report = new { file = policy.Name, errors = policy.Parsed.Errors, warnings = policy.Parsed.Warnings };
                await context.Output.WriteLineAsync(JsonText.OfDocument(report));
            }
            else
            {
                await policy.WriteFindingsAsync(context.Output);
                await context.Error.WriteLineAsync($"{policy.Name}: {policy.Summarise()}");
            }

            return policy.Parsed.Errors.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}

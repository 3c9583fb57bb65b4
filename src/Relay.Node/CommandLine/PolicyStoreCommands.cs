using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Relay.Node.Policies;
using Relay.Node.Settings;

namespace Relay.Node.CommandLine;

/// <summary><c>relay policy show|diff|apply|history|rollback</c>: the policy of a running cluster.</summary>
internal static class PolicyStoreCommands
{
    public static IEnumerable<Command> Build(ServerOptions server, CommandContext context) =>
    [
        BuildShow(server, context),
        BuildDiff(server, context),
        BuildApply(server, context),
        BuildHistory(server, context),
        BuildRollback(server, context),
    ];

    private static Command BuildShow(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "The same: a policy is JSON." };
        var version = new Argument<long?>("VERSION") { Description = "A version of the history, as it was written. [default: the one in force]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "Prints the policy in force, without comments; or a version of the history, with them.") { version, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var policy = new PolicyClient(client);
            if (arguments.GetValue(version) is { } number)
            {
                var document = Encoding.UTF8.GetString(await policy.GetVersionAsync(number, cancellationToken));
                await context.Output.WriteLineAsync(ShownText.CleanLines(document.TrimEnd('\n')));
                return ExitCodes.Done;
            }

            var (tag, text) = await policy.GetAsync(cancellationToken);
            await context.Output.WriteLineAsync(ShownText.CleanLines(text.TrimEnd('\n')));
            await context.Error.WriteLineAsync($"version {VersionOf(tag)}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildDiff(ServerOptions server, CommandContext context)
    {
        var file = File();
        var json = new Option<bool>("--json") { Description = "Print one JSON object on one line: version, added, removed." };
        var command = new Command("diff", "Shows what a policy document would change, comments aside.") { file, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var document = await ReadAsync(arguments.GetRequiredValue(file), context, cancellationToken);
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var (tag, text) = await new PolicyClient(client).GetAsync(cancellationToken);
            var difference = Compare(tag, text, document);
            if (arguments.GetValue(json))
            {
                await context.Output.WriteLineAsync(JsonText.OfLine(JsonSerializer.SerializeToElement(
                    new { version = VersionOf(tag), added = difference.Added, removed = difference.Removed }, JsonText.Options)));
            }
            else
            {
                await context.Output.WriteAsync(ShownText.CleanLines(difference.Unified));
                await context.Error.WriteLineAsync(difference.Summary);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildApply(ServerOptions server, CommandContext context)
    {
        var file = File();
        var note = Note();
        var json = Json();
        var command = new Command("apply", "Puts a policy document in force on every node of the cluster. What has changed meanwhile is not overwritten.")
        {
            file, note, json,
        };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var document = await ReadAsync(arguments.GetRequiredValue(file), context, cancellationToken);
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var policy = new PolicyClient(client);
            var (tag, text) = await policy.GetAsync(cancellationToken);
            var isJson = arguments.GetValue(json);
            await (isJson ? context.Error : context.Output).WriteLineAsync(
                $"{document.Name}: {Compare(tag, text, document).Summary} since version {VersionOf(tag)}");
            return await policy.PutAsync(
                context, document.Name, document.Text.ToArray(), tag, arguments.GetValue(note), isJson, cancellationToken);
        });
        return command;
    }

    private static Command BuildHistory(ServerOptions server, CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, one for each version." };
        var command = new Command("history", "Lists the versions that the node keeps, the newest first.") { json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var (history, answer) = await new PolicyClient(client).GetHistoryAsync(cancellationToken);
            if (arguments.GetValue(json))
            {
                foreach (var version in answer.GetProperty("versions").EnumerateArray())
                {
                    await context.Output.WriteLineAsync(JsonText.OfLine(version));
                }

                return ExitCodes.Done;
            }

            var table = Tables.Of("Version", "Time", "By", "Size", "Note");
            foreach (var version in history.Versions)
            {
                table.Add(
                    version.Version.ToString(CultureInfo.InvariantCulture), Tables.Time(version.At), version.By, Tables.Size(version.Size), version.Note);
            }

            context.Tables.Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command BuildRollback(ServerOptions server, CommandContext context)
    {
        var version = new Argument<long?>("VERSION") { Description = "The version to go back to. [default: the one before that in force]", Arity = ArgumentArity.ZeroOrOne };
        var json = Json();
        var command = new Command("rollback", "Puts a version of the history in force again, as a new version.") { version, json };
        server.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = await server.ConnectAsync(arguments, context, cancellationToken);
            var policy = new PolicyClient(client);
            var (tag, _) = await policy.GetAsync(cancellationToken);
            var wanted = arguments.GetValue(version) ?? await BeforeAsync(policy, VersionOf(tag), cancellationToken);
            var document = await policy.GetVersionAsync(wanted, cancellationToken);
            var note = string.Create(CultureInfo.InvariantCulture, $"rollback to version {wanted}");
            return await policy.PutAsync(
                context, string.Create(CultureInfo.InvariantCulture, $"version {wanted}"), document, tag, note, arguments.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<long> BeforeAsync(PolicyClient policy, string now, CancellationToken cancellation)
    {
        var (history, _) = await policy.GetHistoryAsync(cancellation);
        var before = history.Versions.FirstOrDefault(version => version.Version < history.Version)?.Version
            ?? throw new CommandException($"the node keeps no version before {now}");
        // A node that was away when it was made lacks it: what is older is not what was meant.
        return before == history.Version - 1
            ? before
            : throw new CommandException(string.Create(CultureInfo.InvariantCulture,
                $"the node does not keep the version before {now}: ask another one, or name a version, such as {before}"));
    }

    private static TextDifference Compare(string tag, string inForce, PolicyFile document) =>
        TextDifference.Between(
            inForce.TrimEnd('\n'), Encoding.UTF8.GetString(PolicyText.Plain(document.Text)).TrimEnd('\n'), $"version {VersionOf(tag)}", document.Name);

    // What does not even parse is refused here, with the same words as check has.
    private static async Task<PolicyFile> ReadAsync(string named, CommandContext context, CancellationToken cancellation)
    {
        var document = await PolicyFile.ReadAsync(named, context.WorkingDirectory, cancellation);
        return document.Parsed.Document is not null
            ? document
            : throw new CommandException(string.Join(Environment.NewLine, document.Parsed.Errors.Select(error => document.Show(error)).Prepend("the policy has errors:")));
    }

    private static string VersionOf(string tag) => ShownText.Clean(tag.Trim('"'));

    private static Argument<string> File() => new("FILE") { Description = "The policy document." };

    private static Option<string?> Note() => new("--note") { Description = "Why, for the history, on one line.", HelpName = "TEXT" };

    private static Option<bool> Json() => new("--json") { Description = "Print one JSON object on one line: version, and the nodes." };
}

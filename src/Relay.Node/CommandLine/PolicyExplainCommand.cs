using System.CommandLine;
using System.Globalization;
using System.Net;
using Relay.Node.CommandLine.Api;
using Relay.Node.Recipients;
using Relay.Node.Settings;
using Relay.Policy.Decisions;
using Relay.Policy.Findings;
using Relay.Smtp.Addresses;
using Relay.Smtp.Authentication;

namespace Relay.Node.CommandLine;

/// <summary><c>relay policy explain</c>: why a recipient is accepted or refused.</summary>
internal sealed class PolicyExplainCommand
{
    /// <summary>The listener where a document alone is asked and none is named.</summary>
    private const string DefaultListener = "default";

    private readonly Option<IPAddress> _client = new("--client")
    {
        Description = "The client's address.",
        HelpName = "IP",
        Required = true,
        CustomParser = Parsing.Of<IPAddress>(ParseClient),
    };

    private readonly Option<string?> _listener = new("--listener")
    {
        Description = "The name of the listener that it comes to. [default: the node's first one; with --file: default]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _helo = new("--helo")
    {
        Description = "What it says that it is called. Decides nothing: anyone can say anything.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _user = new("--user")
    {
        Description = "The user that it is logged in as. [default: none]",
        HelpName = "NAME",
        CustomParser = Parsing.Of<string?>(ParseUser),
    };

    private readonly Option<MailPath> _from = new("--from")
    {
        Description = "The sender; '<>' for the null path.",
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = Parsing.Of<MailPath>(ParsePath),
    };

    private readonly Option<MailPath> _to = new("--to")
    {
        Description = "The recipient.",
        HelpName = "ADDRESS",
        Required = true,
        CustomParser = Parsing.Of<MailPath>(ParseRecipient),
    };

    private readonly Option<string?> _file = new("--file")
    {
        Description = "Ask this policy document instead of the node's policy; no node is needed.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document." };
    private readonly ServerOptions _server;
    private readonly CommandContext _context;

    private PolicyExplainCommand(ServerOptions server, CommandContext context)
    {
        _server = server;
        _context = context;
    }

    public static Command Build(ServerOptions server, CommandContext context)
    {
        var explain = new PolicyExplainCommand(server, context);
        var command = new Command("explain", "Tells what policy says of a recipient, which rule decided, and what was looked at before.")
        {
            explain._client, explain._helo, explain._listener, explain._user, explain._from, explain._to, explain._file, explain._json,
        };
        server.AddTo(command);
        command.SetAction(explain.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var answer = arguments.GetValue(_file) is { } file
            ? await ExplainLocallyAsync(file, arguments, cancellationToken)
            : await AskNodeAsync(arguments, cancellationToken);
        if (arguments.GetValue(_json))
        {
            await _context.Output.WriteLineAsync(JsonText.OfDocument(answer));
            return ExitCodes.Done;
        }

        await WriteAsync(answer, arguments.GetValue(_helo));
        return ExitCodes.Done;
    }

    private async Task<ExplainAnswer> AskNodeAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = await _server.ConnectAsync(arguments, _context, cancellationToken);
        var answer = await client.GetAsync(
            "/api/policy/explain",
            [
                ("client", arguments.GetRequiredValue(_client).ToString()),
                ("listener", arguments.GetValue(_listener)),
                ("user", arguments.GetValue(_user)),
                ("from", arguments.GetRequiredValue(_from).Text),
                ("to", arguments.GetRequiredValue(_to).Text),
            ],
            cancellationToken);
        return client.Read<ExplainAnswer>(answer);
    }

    private async Task<ExplainAnswer> ExplainLocallyAsync(string file, ParseResult arguments, CancellationToken cancellationToken)
    {
        var policy = await PolicyFile.ReadAsync(file, _context.WorkingDirectory, cancellationToken);
        if (policy.Parsed.Document is not { } document)
        {
            await policy.WriteFindingsAsync(_context.Error);
            throw new CommandException($"{policy.Name}: {policy.Summarise()}");
        }

        var client = new ClientFacts(
            arguments.GetRequiredValue(_client), arguments.GetValue(_listener) ?? DefaultListener, arguments.GetValue(_user));
        var snapshot = PolicySnapshot.Compile(document, version: 1, policy.Name);
        var recipient = arguments.GetRequiredValue(_to);
        var finding = await FindInListAsync(snapshot, recipient, PolicyFile.PathOf(file, _context.WorkingDirectory), cancellationToken);
        return ExplainAnswer.Of(snapshot.Explain(client, arguments.GetRequiredValue(_from), recipient, recipientFinding: finding));
    }

    private async Task<RecipientFinding?> FindInListAsync(
        PolicySnapshot policy, MailPath recipient, string policyPath, CancellationToken cancellationToken)
    {
        if (policy.CheckFor(recipient) is not { File: { } file })
        {
            return null;
        }

        var reading = await RecipientFile.ReadAsync(file, Path.GetFullPath(file, Path.GetDirectoryName(policyPath)!), cancellationToken);
        foreach (var problem in reading.Problems)
        {
            await _context.Error.WriteLineAsync(problem);
        }

        return reading.List switch
        {
            null => RecipientFinding.Trouble,
            { } list when list.Has(recipient) => RecipientFinding.Known,
            _ => RecipientFinding.Unknown,
        };
    }

    private async Task WriteAsync(ExplainAnswer answer, string? helo)
    {
        var facts = Tables.OfFacts();
        facts.Add("Verdict", VerdictOf(answer));
        facts.Add("Rule", answer.Place is null ? answer.Rule : $"{answer.Rule} ({answer.Place})");
        facts.Add("Policy", answer.Version == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"version {answer.Version}"));
        if (helo is not null)
        {
            facts.Add("Helo", $"{ShownText.Clean(helo)} (decides nothing: anyone can say anything)");
        }

        if (answer.Recipient is { } recipient)
        {
            facts.Add("Goes to", $"{Tables.Path(recipient)} by {answer.Route ?? "MX"}");
        }

        _context.Tables.Write(facts);
        await _context.Output.WriteLineAsync();
        var steps = Tables.Of("Step", "Finding", "Decided");
        foreach (var step in answer.Steps)
        {
            steps.Add(step.Key, step.Finding, step.Action ?? "-");
        }

        _context.Tables.Write(steps);
    }

    private static string VerdictOf(ExplainAnswer answer) => answer switch
    {
        { Reply: { } reply } => $"{answer.Action}: {reply}",
        { Condition: { } condition } => $"{answer.Action}, {condition}",
        _ => answer.Action,
    };

    private static string? ParseClient(string text, out IPAddress value)
    {
        var isAddress = EndPointText.TryParseAddress(text, out var address);
        value = address!;
        return isAddress ? null : $"{ShownText.Quote(text)} is not an IP address, like 192.0.2.10 or 2001:db8::10";
    }

    private static string? ParseUser(string text, out string? value) =>
        UserName.TryParse(text, out value) ? null : $"{ShownText.Quote(text)} can be no user's name";

    private static string? ParsePath(string text, out MailPath value)
    {
        var isPath = MailPath.TryParse(text is ['<', .., '>'] ? text[1..^1] : text, out var path);
        value = path!;
        return isPath ? null : $"{ShownText.Quote(text)} is no address, like user@relay.example";
    }

    private static string? ParseRecipient(string text, out MailPath value) =>
        ParsePath(text, out value) ?? (value.IsNull ? "the null path is no recipient" : null);
}

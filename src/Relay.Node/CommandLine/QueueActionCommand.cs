using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Relay.Node.CommandLine.Api;

namespace Relay.Node.CommandLine;

/// <summary>
/// <c>relay queue hold</c> and its like: does something to messages. Those that are named by id are changed at once. Any other selection is
/// counted first, and then changed when it is confirmed: at the terminal, or with <c>--yes</c>.
/// </summary>
internal sealed class QueueActionCommand
{
    private readonly Argument<string[]> _ids = new("ID")
    {
        Description = "Ids of messages: what the 250 said.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly SelectionOptions _selection = new();
    private readonly Option<bool> _everything = new("--everything") { Description = "Every message: needed when nothing else says which." };
    private readonly Option<bool> _yes = new("--yes") { Description = "Do not ask whether what matches is meant; needed without a terminal." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only count what matches." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object on one line." };
    private readonly Option<string?> _reason;
    private readonly bool _isReasonRequired;
    private readonly string _name;
    private readonly ServerOptions _server;
    private readonly CommandContext _context;

    private QueueActionCommand(string name, bool isReasonRequired, ServerOptions server, CommandContext context)
    {
        (_name, _isReasonRequired, _server, _context) = (name, isReasonRequired, server, context);
        _reason = OperatorOptions.Reason(isReasonRequired);
        _ids.Validators.Add(SelectionOptions.CheckIds);
    }

    /// <summary>Makes the command.</summary>
    /// <param name="name">What is done, as the API names it.</param>
    /// <param name="description">The same for a person.</param>
    /// <param name="isReasonRequired">True when it must be said why.</param>
    /// <param name="server">Which node is asked.</param>
    /// <param name="context">What the command may use.</param>
    public static Command Build(string name, string description, bool isReasonRequired, ServerOptions server, CommandContext context)
    {
        var action = new QueueActionCommand(name, isReasonRequired, server, context);
        var command = new Command(name, description) { action._ids };
        action._selection.AddTo(command);
        foreach (var option in new Option[] { action._everything, action._reason, action._yes, action._dryRun, action._json })
        {
            command.Options.Add(option);
        }

        server.AddTo(command);
        command.Validators.Add(action.Check);
        command.SetAction(action.RunAsync);
        return command;
    }

    private void Check(CommandResult result)
    {
        // Whatever cannot be read has its own error.
        if (result.Children.OfType<OptionResult>().Any(static option => option.Errors.Any()))
        {
            return;
        }

        var isEverything = result.GetValue(_everything);
        var isNarrowed = result.GetResult(_ids) is { Tokens.Count: > 0 } || _selection.IsGiven(result);
        if (isEverything == isNarrowed)
        {
            result.AddError(isNarrowed
                ? "--everything stands alone, without ids and conditions"
                : $"nothing says which messages: name them, narrow them, or {_name} all of them with {_everything.Name}");
        }

        if (_isReasonRequired && !result.GetValue(_dryRun) && result.GetResult(_reason) is null)
        {
            result.AddError($"{_reason.Name} is needed: others will ask why");
        }
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        string[] ids = [.. arguments.GetRequiredValue(_ids).Distinct(StringComparer.Ordinal)];
        var conditions = _selection.Conditions(arguments);
        var body = conditions.ToDictionary(static pair => pair.Name, static object? (pair) => pair.Value, StringComparer.Ordinal);
        body["ids"] = ids.Length > 0 ? ids : null;
        body["everything"] = arguments.GetValue(_everything) ? true : null;
        body["reason"] = arguments.GetValue(_reason);
        using var client = await _server.ConnectAsync(arguments, _context, cancellationToken);
        var isDryRun = arguments.GetValue(_dryRun);
        var isNamed = ids.Length > 0 && conditions.All(static pair => pair.Value is null);
        if (isDryRun || !isNamed)
        {
            var counted = await CountAsync(client, body, cancellationToken);
            if (isDryRun)
            {
                var code = await WriteAsync(counted, "would be changed", arguments, client);
                return Finish(ids, client.Read<ChangeAnswer>(counted), code);
            }

            var matched = client.Read<ChangeAnswer>(counted).Matched;
            await _context.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{matched} messages match"));
            if (matched > 0 && !arguments.GetValue(_yes) && !await ConfirmAsync(matched, cancellationToken))
            {
                await _context.Error.WriteLineAsync("nothing was done");
                return ExitCodes.Failed;
            }
        }

        var answer = await client.PostAsync($"/api/queue/{_name}", body, cancellationToken);
        var end = await WriteAsync(answer, "changed", arguments, client);
        return Finish(ids, client.Read<ChangeAnswer>(answer), end);
    }

    private Task<JsonElement> CountAsync(AdminClient client, Dictionary<string, object?> body, CancellationToken cancellationToken) =>
        client.PostAsync($"/api/queue/{_name}", new Dictionary<string, object?>(body) { ["dryRun"] = true }, cancellationToken);

    private Task<bool> ConfirmAsync(int matched, CancellationToken cancellationToken) => _context.Confirm is { } confirm
        ? confirm(string.Create(CultureInfo.InvariantCulture, $"{_name} {matched} messages?"), cancellationToken)
        : throw new CommandException($"no terminal to ask at: say {_yes.Name} if these messages are meant", ExitCodes.Usage);

    private async Task<int> WriteAsync(JsonElement answer, string verb, ParseResult arguments, AdminClient client)
    {
        var change = client.Read<ChangeAnswer>(answer);
        if (arguments.GetValue(_json))
        {
            await _context.Output.WriteLineAsync(JsonText.OfLine(answer));
        }
        else
        {
            var later = change.InFlight > 0 ? $", {change.InFlight} of them when an attempt that is on has ended" : "";
            await _context.Output.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $"{_name}: {change.Matched} messages match, {change.Changed} {verb}{later}"));
        }

        return await OperatorOptions.EndAsync(_context, change.Nodes, arguments.GetValue(_json));
    }

    /// <summary>An id that names nothing is a failure; a condition that nothing meets is not.</summary>
    private static int Finish(string[] ids, ChangeAnswer change, int code) =>
        change.Matched < ids.Length
            ? throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"only {change.Matched} of {ids.Length} ids are in the queue and match"))
            : code;
}

using System.CommandLine;
using System.CommandLine.Parsing;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Policy.Values;

namespace Relay.Node.CommandLine;

/// <summary>The options that say which messages are meant: all that are given must hold.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<string?> _sender = new("--sender")
    {
        Description = "Only mail from this address; '<>' for the null path.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> _user = new("--user") { Description = "Only mail of this user, whatever its sender's address.", HelpName = "NAME" };

    private readonly Option<string?> _recipient = new("--recipient") { Description = "Only mail to this address.", HelpName = "ADDRESS" };

    private readonly Option<string?> _domain = new("--domain") { Description = "Only mail to this domain.", HelpName = "DOMAIN" };

    private readonly Option<string?> _destination = new("--destination")
    {
        Description = "Only mail by way of this next-hop site, as 'relay destination list' names it.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = $"Only messages in this state: {string.Join(", ", QueueStates.All)}.",
        HelpName = "STATE",
        CustomParser = Parsing.Of<string?>(ParseState),
    };

    private readonly Option<string?> _olderThan = new("--older-than")
    {
        Description = "Only messages that were accepted at least this long ago, such as 2h.",
        HelpName = "TIME",
        CustomParser = Parsing.Of<string?>(ParseTime),
    };

    private Option<string?>[] All => [_sender, _user, _recipient, _domain, _destination, _state, _olderThan];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>True when at least one condition is given.</summary>
    public bool IsGiven(CommandResult command) => All.Any(option => command.GetResult(option) is not null);

    /// <summary>The API's names of the conditions and their values, null for those that are not given.</summary>
    public (string Name, string? Value)[] Conditions(ParseResult arguments) =>
    [
        ("sender", arguments.GetValue(_sender)),
        ("user", arguments.GetValue(_user)),
        ("recipient", arguments.GetValue(_recipient)),
        ("domain", arguments.GetValue(_domain)),
        ("destination", arguments.GetValue(_destination)),
        ("state", arguments.GetValue(_state)),
        ("olderThan", arguments.GetValue(_olderThan)),
    ];

    /// <summary>Refuses what is no id: it may become a part of an address, where '..' would name another resource.</summary>
    public static void CheckIds(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length == 0 || !token.Value.All(char.IsAsciiLetterOrDigit))
            {
                result.AddError($"{ShownText.Quote(token.Value)} is no message id: letters and digits");
            }
        }
    }

    /// <summary>Reads a time such as <c>2h</c>, and leaves it as it is written.</summary>
    public static string? ParseTime(string text, out string? value)
    {
        value = text;
        return Duration.TryParse(text, out _, out var error) ? null : error;
    }

    private static string? ParseState(string text, out string? value)
    {
        value = text;
        return QueueStates.Problem(text);
    }
}

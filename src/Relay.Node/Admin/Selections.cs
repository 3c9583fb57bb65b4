using Relay.Messages.Ids;
using Relay.Messages.Queues;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Policy.Values;
using Relay.Smtp.Addresses;
using Relay.Smtp.Authentication;

namespace Relay.Node.Admin;

/// <summary>Reads which messages a request means. What can match nothing is refused: it was mistyped.</summary>
internal static class Selections
{
    /// <summary>Most ids that one request may name.</summary>
    public const int IdsMax = 10_000;

    /// <summary>The conditions' names, in queries and bodies.</summary>
    public static readonly string[] Keys = ["sender", "user", "recipient", "domain", "destination", "state", "olderThan"];

    /// <summary>The selection of the conditions that are set.</summary>
    /// <param name="value">A condition's text by its name; null when it is not set.</param>
    /// <exception cref="RefusedRequestException">A condition is none.</exception>
    public static QueueSelection Of(Func<string, string?> value) => new()
    {
        Sender = value("sender") is { } sender ? Address("sender", sender, allowNull: true) : null,
        User = value("user") is { } user ? User(user) : null,
        Recipient = value("recipient") is { } recipient ? Address("recipient", recipient, allowNull: false) : null,
        Domain = value("domain") is { } domain ? Domain(domain) : null,
        Destination = value("destination") is { } destination ? Destination(destination) : null,
        State = value("state") is { } state ? State(state) : null,
        OlderThan = value("olderThan") is { } olderThan ? Time("olderThan", olderThan) : null,
    };

    /// <summary>A list of ids.</summary>
    /// <exception cref="RefusedRequestException">They are none, too many, or one of them is no id.</exception>
    public static IEnumerable<MessageId> Ids(IReadOnlyList<string> texts)
    {
        if (texts.Count is 0 or > IdsMax)
        {
            throw new RefusedRequestException("ids is not a list of ids", $"It has {texts.Count} of them: 1 to {IdsMax} can be named.");
        }

        return texts.Select(static text => MessageId.TryParse(text, out var id)
            ? id
            : throw new RefusedRequestException(
                "ids is not a list of ids",
                $"{ShownText.Quote(text)} is none: an id has {MessageId.TextLength} characters, as the 250 and the log give it."));
    }

    /// <summary>A time such as <c>2h</c>.</summary>
    /// <exception cref="RefusedRequestException">It is none.</exception>
    public static TimeSpan Time(string key, string text) => Duration.TryParse(text, out var time, out var error)
        ? time.Value
        : throw new RefusedRequestException($"{key} is not a time", ShownText.Clean(error));

    /// <summary>An address without its brackets: &lt;&gt; is the null sender on the command line and in the log, and empty here.</summary>
    public static string Bare(string address) => address is ['<', .. var inner, '>'] ? inner : address;

    private static string Address(string key, string text, bool allowNull) =>
        MailPath.TryParse(Bare(text), out var path) && (allowNull || !path.IsNull)
            ? path.Text
            : throw new RefusedRequestException(
                $"{key} is not an address", $"{ShownText.Quote(text)} is no address, like user@relay.example{(allowNull ? ", and not <>" : "")}.");

    private static string User(string text) => UserName.TryParse(text, out var user)
        ? user
        : throw new RefusedRequestException("user is not a name", $"{ShownText.Quote(text)} can be no user's name.");

    // As it was typed: the queue compares with what senders wrote.
    private static string Domain(string text) => MailDomain.TryParse(text, out _)
        ? text
        : throw new RefusedRequestException("domain is not a domain", $"{ShownText.Quote(text)} is no domain, like relay.example.");

    private static string Destination(string text) => text.Length > 0 && !text.Any(ShownText.IsHarmful)
        ? text
        : throw new RefusedRequestException("destination is not a name", $"{ShownText.Quote(text)} is no name of a destination.");

    private static string State(string text) =>
        QueueStates.Problem(text) is { } problem ? throw new RefusedRequestException("state is not one", problem) : text;
}

using Relay.Node.Authentication;
using Relay.Node.CommandLine.Api;
using Relay.Node.Settings;
using Relay.Smtp.Replies;

namespace Relay.Node.Admin;

/// <summary>What a listener demands before policy is asked anything.</summary>
internal static class ListenerDemands
{
    /// <summary>Why a question about a user cannot be: nobody logs in there, or nobody has that name; null when it can.</summary>
    public static string? ProblemWith(string? user, ListenerSettings listener, UserStore users) =>
        user is null ? null
        : listener.Authentication == AuthenticationMode.None ? $"Nobody logs in at listener {listener.Name}: its Authentication is None."
        : users.Contains(user) ? null
        : $"There is no user {user}.";

    /// <summary>The answer at a listener that takes no mail without a login; null where one is not demanded, or is there.</summary>
    public static ExplainAnswer? Refuse(string? user, ListenerSettings listener, long version)
    {
        if (user is not null || listener.Authentication != AuthenticationMode.Required)
        {
            return null;
        }

        var key = listener.AuthenticationPlace.Key;
        var step = new ExplainStep(key, $"Required, and the client is not authenticated: listener {listener.Name}", "refuse");
        return new ExplainAnswer(version, "refuse", key, null, CannedReplies.LoginRequired.ToString(), null, null, [step]);
    }
}

using Relay.Actors.Accounts;
using Relay.Node.Accounts;
using Relay.Node.CommandLine.Api;
using Relay.Policy.Decisions;

namespace Relay.Node.Admin;

/// <summary>What is told of a user that is held, before policy is asked anything.</summary>
internal static class AccountExplanation
{
    /// <summary>The answer for a user that is held; null for anybody else.</summary>
    public static ExplainAnswer? Refuse(AccountBreaker breaker, in ClientFacts client, long version)
    {
        if (breaker.HoldOf(client.User) is not { } held)
        {
            return null;
        }

        var step = new ExplainStep(AccountBreaker.Rule, $"{held.User} is held since {held.At:u}: {held.Reason}", "defer");
        return new ExplainAnswer(version, "defer", AccountBreaker.Rule, null, AccountGuard.Reply.ToString(), null, null, [step]);
    }
}

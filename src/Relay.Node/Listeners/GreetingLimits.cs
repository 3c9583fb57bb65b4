using Akka.Actor;
using Relay.Actors.Policy.Limits;
using Relay.Policy.Decisions;

namespace Relay.Node.Listeners;

/// <summary>Holds connections against the policy's limits, before a word is said.</summary>
internal static class GreetingLimits
{
    /// <summary>Takes what a connection takes.</summary>
    /// <returns>The verdict of the limit that refuses it; null when all let it pass.</returns>
    public static async ValueTask<Verdict?> RefuseAsync(SmtpServices services, ClientFacts client)
    {
        var rules = services.Policy.Current.RateLimits;
        var claims = rules.ForConnection(client);
        if (claims.Count == 0)
        {
            return null;
        }

        var limits = services.Policy.Limits;
        var answer = limits.Leases.Take(claims, rules.Fallback);
        if (answer.Kind == LimitAnswerKind.Unknown)
        {
            var pending = new TaskCompletionSource<LimitAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            limits.Desk.Tell(new LimitDeskActor.Want(claims, rules.Fallback, pending.SetResult));
            try
            {
                answer = await pending.Task.WaitAsync(services.Times.Decision, services.Time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                answer = LimitAnswer.Refused(claims[0].Rule.Unavailable);
            }
        }

        return answer.Refusal;
    }
}

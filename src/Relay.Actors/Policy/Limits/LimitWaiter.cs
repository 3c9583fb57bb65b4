using Relay.Policy.Limits;

namespace Relay.Actors.Policy.Limits;

/// <summary>A mail, recipient or connection that waits for tokens.</summary>
/// <param name="fallback">What happens when they cannot be asked for.</param>
/// <param name="answer">Called once with the answer, which is never <see cref="LimitAnswerKind.Unknown"/>.</param>
internal sealed class LimitWaiter(LimitFallback fallback, Action<LimitAnswer> answer)
{
    public LimitFallback Fallback { get; } = fallback;

    /// <summary>What is taken already, to be given back when another limit refuses.</summary>
    public List<LimitClaim> Held { get; } = [];

    /// <summary>Claims that are being asked for.</summary>
    public int Missing { get; set; }

    public bool IsDone { get; private set; }

    public void Finish(LimitAnswer with)
    {
        IsDone = true;
        answer(with);
    }
}

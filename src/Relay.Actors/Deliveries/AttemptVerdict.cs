using System.Collections.Immutable;
using Relay.Smtp.Client;

namespace Relay.Actors.Deliveries;

/// <summary>What an attempt says of the destination, whatever it says of the message.</summary>
internal enum AttemptVerdict
{
    /// <summary>Nothing: there was none.</summary>
    None,

    /// <summary>It copes.</summary>
    Good,

    /// <summary>It asks for patience.</summary>
    SlowDown,

    /// <summary>It asks for patience and closes the connection.</summary>
    TurnedAway,

    /// <summary>The connection broke.</summary>
    Broken,
}

/// <summary>Reads outcomes for what they say of the destination.</summary>
internal static class AttemptVerdicts
{
    private const int Security = 7; // RFC 3463 section 3.8: rate limits and greylisting answer with it
    private const int Network = 4;

    /// <summary>The worst that any recipient's outcome says.</summary>
    public static AttemptVerdict Of(ImmutableArray<RecipientOutcome> outcomes)
    {
        var worst = AttemptVerdict.Good;
        foreach (var outcome in outcomes)
        {
            var verdict = Of(outcome);
            worst = verdict > worst ? verdict : worst;
        }

        return worst;
    }

    private static AttemptVerdict Of(RecipientOutcome outcome) => outcome switch
    {
        { Kind: not OutcomeKind.Deferred } => AttemptVerdict.Good,
        { Reply: { Code: 421, Status.Subject: not Network } } => AttemptVerdict.TurnedAway,
        { Reply.Status.Subject: Security } => AttemptVerdict.SlowDown,
        { Reply.Status.Subject: Network } => AttemptVerdict.Broken,
        _ => AttemptVerdict.Good,
    };
}

using Relay.Policy.Decisions;

namespace Relay.Actors.Policy.Limits;

/// <summary>Whether the tokens of all claims are there.</summary>
/// <param name="Kind">Taken, refused, or not known on this node.</param>
/// <param name="Refusal">What to say of a refusal; else null.</param>
public readonly record struct LimitAnswer(LimitAnswerKind Kind, Verdict? Refusal = null)
{
    /// <summary>All were taken.</summary>
    public static readonly LimitAnswer Taken = new(LimitAnswerKind.Taken);

    /// <summary>At least one is to be asked for.</summary>
    public static readonly LimitAnswer Unknown = new(LimitAnswerKind.Unknown);

    /// <summary>One refuses; nothing was taken of any.</summary>
    public static LimitAnswer Refused(Verdict verdict) => new(LimitAnswerKind.Refused, verdict);
}

/// <summary>Kinds of <see cref="LimitAnswer"/>.</summary>
public enum LimitAnswerKind
{
    /// <summary>All tokens were taken.</summary>
    Taken,

    /// <summary>A limit refuses.</summary>
    Refused,

    /// <summary>This node has no lease, and knows of no refusal.</summary>
    Unknown,
}

namespace Relay.Smtp.Authentication;

/// <summary>What an exchange comes to after a response of the client.</summary>
internal enum SaslOutcome : byte
{
    /// <summary>Another response is needed: send the challenge.</summary>
    Challenge,

    /// <summary>The verifier of the claimed user is needed.</summary>
    FindVerifier,

    /// <summary>All is said: whoever knows the users decides.</summary>
    Decide,

    /// <summary>The response is not what the mechanism has.</summary>
    Malformed,

    /// <summary>Well formed, and asks for something that nobody gets: to act as another, or a channel binding.</summary>
    Refused,
}

/// <summary>An outcome, and the challenge that belongs to it.</summary>
/// <param name="Outcome">What is next.</param>
/// <param name="Challenge">The octets to send, with <see cref="SaslOutcome.Challenge"/>; may be empty.</param>
internal readonly record struct SaslStep(SaslOutcome Outcome, byte[]? Challenge = null)
{
    public static readonly SaslStep Malformed = new(SaslOutcome.Malformed);
    public static readonly SaslStep Refused = new(SaslOutcome.Refused);
    public static readonly SaslStep Decide = new(SaslOutcome.Decide);
}

/// <summary>The server side of one exchange: responses in, challenges and a claim out. Pure: no users, no clock, no randomness.</summary>
internal abstract class SaslExchange
{
    /// <summary>Which mechanism it is.</summary>
    public abstract SaslMechanism Mechanism { get; }

    /// <summary>What is sent when the client gave no initial response.</summary>
    public virtual byte[] FirstChallenge => [];

    /// <summary>Whom the client claims to be, as <see cref="UserName.Canonical"/> writes it; empty until it has said so.</summary>
    public string User { get; protected set; } = string.Empty;

    /// <summary>The password as sent; empty with mechanisms that send none.</summary>
    public byte[] Password { get; protected set; } = [];

    /// <summary>The verifier that a proof was checked against; null with mechanisms that have none.</summary>
    public ScramVerifier? Verifier { get; protected set; }

    /// <summary>True when the exchange itself has proven the claim.</summary>
    public bool IsProven { get; protected set; }

    /// <summary>Takes a response.</summary>
    /// <param name="response">Its octets, out of base64.</param>
    public abstract SaslStep Take(ReadOnlySpan<byte> response);
}

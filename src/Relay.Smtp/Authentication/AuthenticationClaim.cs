namespace Relay.Smtp.Authentication;

/// <summary>What a client said to prove who it is.</summary>
/// <param name="Mechanism">How it said it.</param>
/// <param name="User">Whom it claims to be: a <see cref="UserName"/>, or a text that can be no user's name.</param>
public sealed record AuthenticationClaim(SaslMechanism Mechanism, string User)
{
    /// <summary>The password as sent, with PLAIN and LOGIN: to be checked against the user's verifier, then overwritten.</summary>
    public Memory<byte> Password { get; init; }

    /// <summary>The verifier that the proof was checked against; null before there is a proof, and with other mechanisms than SCRAM.</summary>
    public ScramVerifier? Verifier { get; init; }

    /// <summary>True when the exchange has proven the claim: SCRAM against the verifier that it was given, EXTERNAL by the handshake.</summary>
    public bool IsProven { get; init; }
}

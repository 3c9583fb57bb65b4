namespace Relay.Smtp.Authentication;

/// <summary>A way for a client to prove who it is (RFC 4422).</summary>
public enum SaslMechanism
{
    /// <summary>Name and password in one message (RFC 4616).</summary>
    Plain,

    /// <summary>Name, then password; what old clients know.</summary>
    Login,

    /// <summary>A proof of the password, which does not travel (RFC 5802, RFC 7677). Without channel binding.</summary>
    ScramSha256,

    /// <summary>The certificate of the TLS handshake (RFC 4422 appendix A).</summary>
    External,
}

/// <summary>The registered names of <see cref="SaslMechanism"/>s.</summary>
public static class SaslMechanisms
{
    /// <summary>What EHLO offers, in the order in which clients are to prefer them least to most.</summary>
    internal const string Offer = "AUTH PLAIN LOGIN SCRAM-SHA-256";

    /// <summary>What EHLO offers to a client whose certificate was verified.</summary>
    internal const string OfferWithExternal = Offer + " EXTERNAL";

    /// <summary>The name that stands in EHLO and AUTH: <c>SCRAM-SHA-256</c>.</summary>
    public static string NameOf(SaslMechanism mechanism) => mechanism switch
    {
        SaslMechanism.Plain => "PLAIN",
        SaslMechanism.Login => "LOGIN",
        SaslMechanism.ScramSha256 => "SCRAM-SHA-256",
        _ => "EXTERNAL",
    };

    /// <summary>Begins the exchange of a mechanism; null when there is none of that name. Names have no case (RFC 4422 section 3.1).</summary>
    /// <param name="name">The name as sent.</param>
    /// <param name="clientIdentity">Whom the client's certificate names; null without one, and then EXTERNAL does not exist.</param>
    internal static SaslExchange? Begin(ReadOnlySpan<char> name, string? clientIdentity)
    {
        foreach (var mechanism in Enum.GetValues<SaslMechanism>())
        {
            if (name.Equals(NameOf(mechanism), StringComparison.OrdinalIgnoreCase))
            {
                return mechanism switch
                {
                    SaslMechanism.Plain => new PlainExchange(),
                    SaslMechanism.Login => new LoginExchange(),
                    SaslMechanism.ScramSha256 => new ScramExchange(),
                    _ => clientIdentity is null ? null : new ExternalExchange(clientIdentity),
                };
            }
        }

        return null;
    }
}

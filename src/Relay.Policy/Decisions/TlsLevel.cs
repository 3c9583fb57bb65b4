namespace Relay.Policy.Decisions;

/// <summary>What a destination's connections demand of TLS (RFC 3207), from nothing to a proven peer.</summary>
public enum TlsLevel
{
    /// <summary>Never: STARTTLS is not asked for.</summary>
    None,

    /// <summary>When it is offered; without it when it is not, or when the handshake fails (then over a new connection). The peer is not proven.</summary>
    May,

    /// <summary>Always; the peer is not proven. Mail waits where it is not to be had.</summary>
    Encrypt,

    /// <summary>Always, and the peer's certificate is valid for the host's name.</summary>
    Verify,
}

/// <summary>The words of <see cref="TlsLevel"/> in policies.</summary>
public static class TlsLevels
{
    /// <summary>The words, in the order of the levels.</summary>
    public static readonly IReadOnlyList<string> Words = ["none", "may", "encrypt", "verify"];

    /// <summary>The word of a level.</summary>
    public static string WordOf(TlsLevel level) => Words[(int)level];

    /// <summary>The level of a word, or null.</summary>
    public static TlsLevel? Parse(string? word)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if (string.Equals(Words[i], word, StringComparison.Ordinal))
            {
                return (TlsLevel)i;
            }
        }

        return null;
    }
}

using System.Security.Cryptography;

namespace Relay.Smtp.Authentication;

/// <summary>What is kept of a password (RFC 5802 section 3, with SHA-256 as RFC 7677 says): enough to check it, not enough to log in with it.</summary>
/// <remarks>It serves every mechanism: SCRAM proofs are checked against it, and passwords by deriving it again.</remarks>
public sealed class ScramVerifier
{
    /// <summary>Octets of a salt.</summary>
    public const int SaltOctets = 16;

    /// <summary>Octets of each key: those of SHA-256.</summary>
    public const int KeyOctets = 32;

    /// <summary>Fewest iterations taken (RFC 7677 section 4).</summary>
    public const int IterationsMin = 4096;

    /// <summary>Iterations of a new password: 60 ms of a core for a check of ours, and as much for each guess of whoever steals the file.</summary>
    public const int IterationsDefault = 100_000;

    /// <summary>Most iterations taken: six times the default. Whoever tries names that nobody has costs as much as the dearest user.</summary>
    public const int IterationsMax = 600_000;

    /// <summary>Takes a verifier that was made before.</summary>
    /// <param name="salt"><see cref="SaltOctets"/> octets.</param>
    /// <param name="iterations"><see cref="IterationsMin"/> to <see cref="IterationsMax"/>.</param>
    /// <param name="storedKey">H(ClientKey): <see cref="KeyOctets"/> octets.</param>
    /// <param name="serverKey">ServerKey: <see cref="KeyOctets"/> octets.</param>
    /// <exception cref="ArgumentException">A part has another length, or the iterations are out of range.</exception>
    public ScramVerifier(ReadOnlyMemory<byte> salt, int iterations, ReadOnlyMemory<byte> storedKey, ReadOnlyMemory<byte> serverKey)
    {
        RequireLength(salt, SaltOctets, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, IterationsMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, IterationsMax);
        RequireLength(storedKey, KeyOctets, nameof(storedKey));
        RequireLength(serverKey, KeyOctets, nameof(serverKey));
        (Salt, Iterations, StoredKey, ServerKey) = (salt, iterations, storedKey, serverKey);
    }

    /// <summary>The salt.</summary>
    public ReadOnlyMemory<byte> Salt { get; }

    /// <summary>The iteration count.</summary>
    public int Iterations { get; }

    /// <summary>H(ClientKey).</summary>
    public ReadOnlyMemory<byte> StoredKey { get; }

    /// <summary>ServerKey.</summary>
    public ReadOnlyMemory<byte> ServerKey { get; }

    /// <summary>Derives the verifier of a password; takes as long as the iterations say.</summary>
    /// <param name="password">The password, prepared.</param>
    /// <param name="salt"><see cref="SaltOctets"/> random octets.</param>
    /// <param name="iterations"><see cref="IterationsMin"/> to <see cref="IterationsMax"/>.</param>
    public static ScramVerifier FromPassword(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        Span<byte> salted = stackalloc byte[KeyOctets];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, iterations, HashAlgorithmName.SHA256);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        return new ScramVerifier(salt.ToArray(), iterations, storedKey, serverKey);
    }

    /// <summary>True when this is the verifier of the password. Takes as long as the iterations say, whatever comes out.</summary>
    public bool IsOf(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(FromPassword(password, Salt.Span, Iterations).StoredKey.Span, StoredKey.Span);

    /// <summary>True when both are the same verifier: of the same password, and made at the same time.</summary>
    public bool IsSameAs(ScramVerifier other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Iterations == other.Iterations
            && Salt.Span.SequenceEqual(other.Salt.Span)
            && CryptographicOperations.FixedTimeEquals(StoredKey.Span, other.StoredKey.Span)
            && CryptographicOperations.FixedTimeEquals(ServerKey.Span, other.ServerKey.Span);
    }

    /// <summary>Checks the proof of a client over what was said (RFC 5802 section 3).</summary>
    internal bool IsProvenBy(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> authMessage)
    {
        var clientKey = HMACSHA256.HashData(StoredKey.Span, authMessage);
        if (proof.Length != clientKey.Length)
        {
            return false;
        }

        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof[i];
        }

        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), StoredKey.Span);
    }

    /// <summary>What proves to the client that we know the verifier.</summary>
    internal byte[] SignatureOf(ReadOnlySpan<byte> authMessage) => HMACSHA256.HashData(ServerKey.Span, authMessage);

    private static void RequireLength(ReadOnlyMemory<byte> part, int length, string name)
    {
        if (part.Length != length)
        {
            throw new ArgumentException($"Must have {length} octets, not {part.Length}", name);
        }
    }
}

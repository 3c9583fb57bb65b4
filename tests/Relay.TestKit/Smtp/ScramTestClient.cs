using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Relay.TestKit.Smtp;

/// <summary>The client side of SCRAM-SHA-256 (RFC 5802), made from the RFC alone: each message may be changed by the test.</summary>
public sealed class ScramTestClient
{
    private readonly string _firstBare;
    private readonly string _header;
    private readonly string _password;
    private string _authMessage = string.Empty;
    private byte[] _salted = [];

    /// <summary>Begins an exchange.</summary>
    public ScramTestClient(string user, string password, string nonce = "rOprNGfwEbeRWgbNEkqO", string header = "n,,")
    {
        (_password, _header) = (password, header);
        _firstBare = $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";
    }

    /// <summary>The client-first message.</summary>
    public string First => _header + _firstBare;

    /// <summary>What the server-final message has to be.</summary>
    public string ServerFinal
    {
        get
        {
            var serverKey = HMACSHA256.HashData(_salted, "Server Key"u8);
            return "v=" + Convert.ToBase64String(HMACSHA256.HashData(serverKey, Encoding.UTF8.GetBytes(_authMessage)));
        }
    }

    /// <summary>The client-final message.</summary>
    /// <param name="serverFirst">The server-first message.</param>
    /// <param name="nonce">The nonce to send; by default the one of the server.</param>
    /// <param name="binding">The header to repeat; by default the one that was sent.</param>
    public string Final(string serverFirst, string? nonce = null, string? binding = null)
    {
        ArgumentNullException.ThrowIfNull(serverFirst);
        var parts = serverFirst.Split(',');
        var salt = Convert.FromBase64String(parts[1][2..]);
        var iterations = int.Parse(parts[2][2..], CultureInfo.InvariantCulture);
        _salted = Rfc2898DeriveBytes.Pbkdf2(_password, salt, iterations, HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(_salted, "Client Key"u8);
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(binding ?? _header))},r={nonce ?? parts[0][2..]}";
        _authMessage = $"{_firstBare},{serverFirst},{withoutProof}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes(_authMessage));
        var proof = clientKey.Zip(signature, static (key, mask) => (byte)(key ^ mask)).ToArray();
        return $"{withoutProof},p={Convert.ToBase64String(proof)}";
    }
}

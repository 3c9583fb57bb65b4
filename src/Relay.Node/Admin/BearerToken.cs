using System.Security.Cryptography;
using System.Text;
using Relay.Spool.Disks;

namespace Relay.Node.Admin;

/// <summary>The bearer token of the API: made at the first start, kept in the data directory, readable by its owner alone.</summary>
internal sealed class BearerToken
{
    /// <summary>The file's name in the data directory.</summary>
    public const string FileName = "admin.token";

    private const int SecretBytes = 32;
    private const string Scheme = "Bearer ";

    private readonly byte[] _token;

    private BearerToken(string token)
    {
        _token = Encoding.UTF8.GetBytes(token);
    }

    /// <summary>Reads the token, or makes one.</summary>
    /// <exception cref="IOException">The file can be neither read nor made.</exception>
    public static BearerToken Load(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        if (!File.Exists(path))
        {
            new FileDisk().CreateDirectory(dataDirectory);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(path, options);
            file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
        }

        var token = File.ReadAllText(path).Trim();
        return token.Length == 0
            ? throw new IOException($"{path} is empty: remove it, and the next start makes another")
            : new BearerToken(token);
    }

    /// <summary>The Authorization header that proves to have it.</summary>
    public string Header => Scheme + Encoding.UTF8.GetString(_token);

    /// <summary>True when a request's Authorization header carries the token; takes the same time for every wrong one.</summary>
    public bool IsIn(string? authorization) =>
        // The scheme's name is compared in any case (RFC 9110, section 11.1).
        authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].TrimStart(' ')), _token);
}

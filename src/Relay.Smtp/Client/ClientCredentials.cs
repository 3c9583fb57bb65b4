using System.Text;

namespace Relay.Smtp.Client;

/// <summary>A user name and a password for a next hop. Nothing shows the password.</summary>
public sealed class ClientCredentials
{
    /// <summary>Longest user name and longest password, in octets of UTF-8 (RFC 4616 section 2).</summary>
    public const int OctetsMax = 255;

    /// <summary>Longest text of a reply that is shown although a secret was just told, in characters: it may hold a piece of one.</summary>
    private const int ShownMax = 512;

    private readonly string _password;

    /// <summary>Makes credentials.</summary>
    /// <param name="user">The user name.</param>
    /// <param name="password">The password.</param>
    /// <exception cref="ArgumentException">One of them is empty, too long, or holds a control character.</exception>
    public ClientCredentials(string user, string password)
    {
        if (!IsSendable(user) || !IsSendable(password))
        {
            throw new ArgumentException("A user name or password that cannot be sent.");
        }

        _password = password;
        User = Encoding.UTF8.GetBytes(user);
        Password = Encoding.UTF8.GetBytes(password);
        Plain = [0, .. User, 0, .. Password];
    }

    /// <summary>The user name.</summary>
    internal byte[] User { get; }

    /// <summary>The password.</summary>
    internal byte[] Password { get; }

    /// <summary>Both, as PLAIN has them (RFC 4616).</summary>
    internal byte[] Plain { get; }

    /// <summary>True when a user name or password can be sent: not empty, at most <see cref="OctetsMax"/>, no control character.</summary>
    public static bool IsSendable(string? text) =>
        !string.IsNullOrEmpty(text) && Encoding.UTF8.GetByteCount(text) <= OctetsMax && !text.Any(char.IsControl);

    /// <summary>Says nothing of what it holds.</summary>
    public override string ToString() => "(credentials)";

    /// <summary>True when a peer's text may repeat what it was told.</summary>
    internal bool MayBeIn(string text) =>
        text.Length > ShownMax
        || text.Contains(_password, StringComparison.OrdinalIgnoreCase)
        || text.Contains(Convert.ToBase64String(Password), StringComparison.OrdinalIgnoreCase)
        || text.Contains(Convert.ToBase64String(Plain), StringComparison.OrdinalIgnoreCase);
}
